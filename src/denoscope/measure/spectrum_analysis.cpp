#include "denoscope/measure/spectrum_analysis.h"

#include <algorithm>
#include <cmath>

#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/subspaces.h"
#include "denoscope/theory/optimal/time_update.h"

namespace denoscope {
namespace {

// Of a Jacobian that is 0, as that of a denoiser that returns one image alone, every share is 0.
double Share(double part, double whole) { return whole > 0 ? part / whole : 0; }

// u_k^T J_t u_k at each level t, J_t from sym(J) by the Gaussian time update, (S,m).
Eigen::MatrixXd ForetoldGain(const SymmetricEigen<float>& eigen, const SpectrumContext& context) {
  const Eigen::MatrixXd shares =
      (context.basis.transpose() * eigen.vectors).cwiseAbs2().cast<double>();  // (m,d)
  const Eigen::VectorXd values = eigen.values.cast<double>();
  Eigen::MatrixXd gains(static_cast<Eigen::Index>(context.sigmas.size()), shares.rows());
  for (Eigen::Index t = 0; t < gains.rows(); ++t)
    gains.row(t) = shares * GaussianTimeUpdate(
                                values, context.sigma, context.sigmas[static_cast<std::size_t>(t)]);
  return gains;
}

// The share of |A|_F^2 in the best (a b^T - b a^T)/2 for this b and any a, A = (J - J^T)/2: with b
// of length 1, a = 2 A b, and 2 |A b|^2 / |A|_F^2.
double RankOneShare(const Eigen::MatrixXf& J, const Eigen::VectorXd& along) {
  const Eigen::VectorXf b = along.normalized().cast<float>();
  const double part = (J * b - J.transpose() * b).cast<double>().squaredNorm();
  return Share(2 * part, (J - J.transpose()).cast<double>().squaredNorm());
}

}  // namespace

Spectrum AnalyzeJacobian(const Eigen::MatrixXf& J,
                         const SpectrumContext& context,
                         const SpectrumOptions& options) {
  const Eigen::Index K = std::min<Eigen::Index>(options.vectors, J.rows());
  Spectrum s;
  const Eigen::MatrixXf symmetric = (J + J.transpose()) / 2;
  const SymmetricEigen<float> eigen = EigenSymmetric<float>(symmetric);
  s.eigenvalues = eigen.values.cast<double>();
  s.eigenvectors = eigen.vectors.leftCols(K);
  s.eigenvector_frequency = context.dct.MeanFrequency(s.eigenvectors.cast<double>());

  const Svd<float> svd = SvdDense<float>(J);
  s.singular_values = svd.values.cast<double>();
  const Eigen::MatrixXd left = svd.left.leftCols(K).cast<double>();
  const Eigen::MatrixXd right = svd.right.leftCols(K).cast<double>();
  s.left_right_cosine = MatchedCosines(left, right);

  const double norm = J.cast<double>().norm();
  s.diagonal = J.diagonal().cast<double>();
  s.trace = s.diagonal.sum();
  s.asymmetry = Share((J - J.transpose()).cast<double>().norm(), norm);
  s.negative_mass = Share(-s.eigenvalues.cwiseMin(0).sum(), s.eigenvalues.cwiseAbs().sum());
  s.effective_rank = Share(std::pow(s.singular_values.sum(), 2), s.singular_values.squaredNorm());
  if (options.complex_eigenvalues) {
    s.eigenvalues_complex = ComplexEigenvalues<float>(J);
    s.imaginary_share = Share(s.eigenvalues_complex.imag().cwiseAbs().sum(),
                              s.eigenvalues_complex.cwiseAbs().sum());
  }

  s.band_gain = BandGain(context.dct, context.bands, J.cast<double>());
  const Eigen::MatrixXf& U = context.basis;
  s.outside_mass = Share((s.eigenvalues - s.eigenvalues.cwiseMax(0).cwiseMin(1)).cwiseAbs().sum(),
                         s.eigenvalues.cwiseAbs().sum());
  if (context.probes.size() > 0) {
    const float scale = 1 / std::sqrt(static_cast<float>(context.probes.cols()));
    s.sketch = scale * (J * context.probes);
    s.sketch_transpose = scale * (J.transpose() * context.probes);
  }
  if (U.cols() > 0) {
    const Eigen::MatrixXf JU = J * U;
    s.pca_gain = JU.cwiseProduct(U).colwise().sum().transpose().cast<double>();
    const Eigen::Index r = std::min(U.cols(), kMatrixModes);
    s.pca_matrix = U.leftCols(r).transpose() * JU.leftCols(r);
    if (!context.sigmas.empty()) s.foretold_gain = ForetoldGain(eigen, context);
    const Eigen::MatrixXd leading = U.leftCols(std::min(K, U.cols())).cast<double>();
    s.left_pca_cosine = PrincipalCosines(left, leading);
    s.right_pca_cosine = PrincipalCosines(right, leading);
  }
  return s;
}

void AddIdentities(const Eigen::VectorXd& x,
                   const Eigen::VectorXd& y,
                   const Eigen::VectorXd& denoised,
                   const Eigen::MatrixXf& J,
                   double sigma,
                   Spectrum& spectrum) {
  const auto d = static_cast<double>(x.size());
  const double variance = sigma * sigma;
  spectrum.mse = (denoised - x).squaredNorm() / d;
  spectrum.calibration = variance * spectrum.trace / d;
  spectrum.sure = (denoised - y).squaredNorm() / d - variance + 2 * spectrum.calibration;
  spectrum.blind_share = RankOneShare(J, y - denoised);
  spectrum.homogeneous_share = RankOneShare(J, y);
  const Eigen::VectorXd product = (J * y.cast<float>()).cast<double>();
  spectrum.homogeneity_defect = (product - denoised).norm() / denoised.norm();
}

}  // namespace denoscope
