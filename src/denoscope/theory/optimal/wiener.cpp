#include "denoscope/theory/optimal/wiener.h"

#include <cmath>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

constexpr double kSmallestSigma = 0.02;  // five of the 255 steps of an 8-bit image
constexpr double kLargestInHalves = 3;   // times sqrt(lambda_0), the half level of mode 0

}  // namespace

Eigen::VectorXd WienerGains(const Eigen::VectorXd& lambda, double sigma) {
  if (!(std::isfinite(sigma) && sigma > 0)) {
    throw Error("wiener gains: sigma is {}, expected a finite number above 0", sigma);
  }
  return lambda.array() / (lambda.array() + sigma * sigma);
}

Eigen::MatrixXd WienerMatrix(const Pca& pca, double sigma) {
  if (pca.basis.cols() != pca.eigenvalues.size()) {
    throw Error(
        "wiener matrix: basis has shape ({},{}), expected a column for each of {} eigenvalues",
        pca.basis.rows(),
        pca.basis.cols(),
        pca.eigenvalues.size());
  }
  const Eigen::VectorXd root_gains = WienerGains(pca.eigenvalues, sigma).cwiseSqrt();
  const Eigen::MatrixXd scaled = pca.basis * root_gains.asDiagonal();
  Eigen::MatrixXd lower = Eigen::MatrixXd::Zero(scaled.rows(), scaled.rows());
  lower.selfadjointView<Eigen::Lower>().rankUpdate(scaled);
  return lower.selfadjointView<Eigen::Lower>();
}

double WienerMse(const Eigen::VectorXd& lambda, double sigma) {
  return sigma * sigma * WienerGains(lambda, sigma).mean();
}

Eigen::VectorXd AutomaticSigmas(const Eigen::VectorXd& lambda, int count) {
  if (count < 2) throw Error("automatic sigmas: count is {}, expected at least 2", count);
  if (lambda.size() == 0) throw Error("automatic sigmas: no eigenvalues, expected at least 1");
  const double largest = kLargestInHalves * std::sqrt(lambda(0));
  if (!(std::isfinite(largest) && largest > kSmallestSigma)) {
    throw Error("automatic sigmas: largest eigenvalue is {}, expected 3 sqrt(lambda) above {}",
                lambda(0),
                kSmallestSigma);
  }
  Eigen::VectorXd sigmas(count);
  for (int i = 0; i < count; ++i) {
    sigmas(i) = kSmallestSigma * std::pow(largest / kSmallestSigma, i / (count - 1.0));
  }
  sigmas(count - 1) = largest;
  return sigmas;
}

}  // namespace denoscope
