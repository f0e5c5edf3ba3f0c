#include "denoscope/analysis/spectrum_analysis.h"

#include <algorithm>

#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/subspaces.h"

namespace denoscope {
namespace {

// Of a Jacobian that is 0, as that of a denoiser that returns one image alone, every share is 0.
double Share(double part, double whole) { return whole > 0 ? part / whole : 0; }

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
  s.trace = J.cast<double>().trace();
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
  if (U.cols() > 0) {
    s.pca_gain = (J * U).cwiseProduct(U).colwise().sum().transpose().cast<double>();
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
  const Eigen::VectorXd product = (J * y.cast<float>()).cast<double>();
  spectrum.homogeneity_defect = (product - denoised).norm() / denoised.norm();
}

}  // namespace denoscope
