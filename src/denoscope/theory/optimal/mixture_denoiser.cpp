#include "denoscope/theory/optimal/mixture_denoiser.h"

#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/theory/optimal/wiener.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kLogTwoPi = 1.8378770664093453;

Index Count(const GaussianMixture& mixture) {
  return static_cast<Index>(mixture.components.size());
}
const MixtureComponent& At(const GaussianMixture& mixture, Index i) {
  return mixture.components[static_cast<std::size_t>(i)];
}

void CheckCall(const GaussianMixture& mixture, const MatrixXd& Y, double sigma, const char* what) {
  mixture.Check();
  if (!(std::isfinite(sigma) && sigma > 0))
    throw Error("mixture denoiser: sigma is {}, expected a finite number above 0", sigma);
  if (Y.rows() != mixture.Size() || !Y.allFinite())
    throw Error("mixture denoiser: {} has shape ({},{}), expected ({},b) and finite numbers",
                what,
                Y.rows(),
                Y.cols(),
                mixture.Size());
}

// Of one component: log(pi N(y; m, Sigma + sigma^2 I)), (b), and D_i, (d,b).
struct Part {
  VectorXd log_weights;
  MatrixXd estimate;
};
Part PartOf(const MixtureComponent& component, const MatrixXd& Y, double sigma) {
  const Pca& pca = component.pca;
  const MatrixXd modes = pca.basis.transpose() * (Y.colwise() - pca.mean);
  const VectorXd variances = pca.eigenvalues.array() + sigma * sigma;
  const double constant =
      std::log(component.weight) -
      0.5 * (variances.array().log().sum() + kLogTwoPi * static_cast<double>(variances.size()));
  const VectorXd squares =
      (variances.cwiseInverse().asDiagonal() * modes.cwiseAbs2()).colwise().sum().transpose();
  return {constant - 0.5 * squares.array(),
          (pca.basis * (WienerGains(pca.eigenvalues, sigma).asDiagonal() * modes)).colwise() +
              pca.mean};
}

// Columns sqrt(w_i) (D_i - D) / sigma: the second part of J is S S^T.
MatrixXd Spread(const MixtureEstimate& estimate, const MatrixXd& parts, double sigma) {
  const VectorXd roots = estimate.weights.col(0).cwiseSqrt() / sigma;
  return (parts.colwise() - estimate.denoised.col(0)) * roots.asDiagonal();
}

}  // namespace

Index GaussianMixture::Size() const {
  return components.empty() ? 0 : components.front().pca.mean.size();
}

void GaussianMixture::Check() const {
  if (components.empty()) throw Error("mixture: no component, expected at least one");
  for (std::size_t i = 0; i < components.size(); ++i) {
    const auto& [weight, pca] = components[i];
    if (!(std::isfinite(weight) && weight > 0))
      throw Error("mixture: component {} has weight {}, expected a number above 0", i, weight);
    const Index d = Size();
    if (pca.mean.size() != d || pca.eigenvalues.size() != d || pca.basis.rows() != d ||
        pca.basis.cols() != d)
      throw Error(
          "mixture: component {} has a mean of {}, {} eigenvalues and a basis ({},{}), expected "
          "all {}",
          i,
          pca.mean.size(),
          pca.eigenvalues.size(),
          pca.basis.rows(),
          pca.basis.cols(),
          d);
    if (!(pca.eigenvalues.minCoeff() >= 0))
      throw Error("mixture: component {} has an eigenvalue of {}, expected 0 or more",
                  i,
                  pca.eigenvalues.minCoeff());
  }
}

MixtureEstimate MixtureDenoise(const GaussianMixture& mixture, const MatrixXd& Y, double sigma) {
  CheckCall(mixture, Y, sigma, "y");
  MatrixXd logs(Count(mixture), Y.cols());
  std::vector<MatrixXd> parts;
  for (Index i = 0; i < Count(mixture); ++i) {
    Part part = PartOf(At(mixture, i), Y, sigma);
    logs.row(i) = part.log_weights.transpose();
    parts.push_back(std::move(part.estimate));
  }
  const Eigen::RowVectorXd largest = logs.colwise().maxCoeff();
  const MatrixXd raised = (logs.rowwise() - largest).array().exp().matrix();
  const Eigen::RowVectorXd sums = raised.colwise().sum();
  double total = 0;
  for (const MixtureComponent& component : mixture.components) total += component.weight;
  MixtureEstimate estimate;
  estimate.weights = raised * sums.cwiseInverse().asDiagonal();
  estimate.log_density = (largest.array() + sums.array().log()).matrix().transpose();
  estimate.log_density.array() -= std::log(total);
  estimate.denoised = MatrixXd::Zero(Y.rows(), Y.cols());
  for (Index i = 0; i < Count(mixture); ++i)
    estimate.denoised +=
        parts[static_cast<std::size_t>(i)] * estimate.weights.row(i).transpose().asDiagonal();
  return estimate;
}

MatrixXd ComponentEstimates(const GaussianMixture& mixture, const VectorXd& y, double sigma) {
  CheckCall(mixture, y, sigma, "y");
  MatrixXd parts(y.size(), Count(mixture));
  for (Index i = 0; i < Count(mixture); ++i)
    parts.col(i) = PartOf(At(mixture, i), y, sigma).estimate;
  return parts;
}

MatrixXd ComponentVariances(const GaussianMixture& mixture, const MatrixXd& B, double sigma) {
  CheckCall(mixture, B, sigma, "b");
  MatrixXd variances(Count(mixture), B.cols());
  for (Index i = 0; i < Count(mixture); ++i) {
    const Pca& pca = At(mixture, i).pca;
    const VectorXd posterior = sigma * sigma * WienerGains(pca.eigenvalues, sigma);
    variances.row(i) = posterior.transpose() * (pca.basis.transpose() * B).cwiseAbs2();
  }
  return variances;
}

MatrixXd MixtureJacobian(const GaussianMixture& mixture, const VectorXd& y, double sigma) {
  return MixtureJacobianTimes(mixture, y, sigma, MatrixXd::Identity(y.size(), y.size()));
}

MatrixXd MixtureJacobianTimes(const GaussianMixture& mixture,
                              const VectorXd& y,
                              double sigma,
                              const MatrixXd& V) {
  CheckCall(mixture, V, sigma, "V");
  const MixtureEstimate estimate = MixtureDenoise(mixture, y, sigma);
  const MatrixXd spread = Spread(estimate, ComponentEstimates(mixture, y, sigma), sigma);
  MatrixXd product = spread * (spread.transpose() * V);
  for (Index i = 0; i < Count(mixture); ++i) {
    const Pca& pca = At(mixture, i).pca;
    const VectorXd gains = estimate.weights(i, 0) * WienerGains(pca.eigenvalues, sigma);
    product += pca.basis * (gains.asDiagonal() * (pca.basis.transpose() * V));
  }
  return product;
}

}  // namespace denoscope
