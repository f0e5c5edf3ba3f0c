#include "denoscope/theory/optimal/linear_gains.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/theory/spiked/spiked_covariance.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void CheckSigma(double sigma) {
  if (std::isfinite(sigma) && sigma > 0) return;
  throw Error("linear gains: sigma is {}, expected a finite number above 0", sigma);
}

// e / sigma^2 of a noisy eigenvalue l, both in units of sigma^2.
double DebiasedVariance(double l, double gamma) {
  const double t = DebiasedStrength(std::max(0.0, l), gamma);  // rounding makes l negative
  return t * SpikeAlignment(t, gamma);
}

}  // namespace

VectorXd ProjectionGains(Index modes, Index rank) {
  if (rank < 0 || rank > modes) {
    throw Error("projection: rank is {}, expected 0 to {}", rank, modes);
  }
  VectorXd gains = VectorXd::Zero(modes);
  gains.head(rank).setOnes();
  return gains;
}

double ProjectionMse(const VectorXd& lambda, Index rank, double sigma) {
  return GainMse(
      {lambda, lambda.sum(), lambda.size()}, ProjectionGains(lambda.size(), rank), sigma);
}

VectorXd VariancesAlong(const Pca& pca, const MatrixXd& V) {
  if (V.rows() != pca.basis.rows() || pca.basis.cols() != pca.eigenvalues.size()) {
    throw Error("variances along ({},{}): basis has shape ({},{}) and {} eigenvalues",
                V.rows(),
                V.cols(),
                pca.basis.rows(),
                pca.basis.cols(),
                pca.eigenvalues.size());
  }
  const MatrixXd overlaps = V.transpose() * pca.basis;
  return overlaps.cwiseAbs2() * pca.eigenvalues;
}

VectorXd DebiasedVariances(const VectorXd& noisy_eigenvalues, double gamma, double sigma) {
  CheckSigma(sigma);
  if (!(std::isfinite(gamma) && gamma > 0)) {
    throw Error("debiased variances: gamma is {}, expected a finite number above 0", gamma);
  }
  const double variance = sigma * sigma;
  return noisy_eigenvalues.unaryExpr(
      [=](double eigenvalue) { return variance * DebiasedVariance(eigenvalue / variance, gamma); });
}

double GainMse(const DirectionVariances& variances, const VectorXd& gains, double sigma) {
  CheckSigma(sigma);
  const VectorXd& e = variances.along;
  if (gains.size() != e.size() || gains.size() > variances.size || variances.size < 1) {
    throw Error("linear gains: {} gains and {} variances in {} dimensions, expected as many",
                gains.size(),
                e.size(),
                variances.size);
  }
  const double sum = variances.total - 2 * gains.dot(e) +
                     gains.cwiseAbs2().dot(VectorXd(e.array() + sigma * sigma));
  return sum / static_cast<double>(variances.size);
}

}  // namespace denoscope
