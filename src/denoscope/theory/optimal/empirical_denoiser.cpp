#include "denoscope/theory/optimal/empirical_denoiser.h"

#include <cmath>
#include <limits>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

// Lighter samples are left out of J: 1e6 of them, each 1e6 sigma away, would add 1e-12 to it.
constexpr double kNegligibleWeight = 1e-30;

void Check(const SampleSource& samples, const MatrixXd& Y, double sigma) {
  samples.Check();
  if (!(std::isfinite(sigma) && sigma > 0)) {
    throw Error("empirical denoiser: sigma is {}, expected a finite number above 0", sigma);
  }
  if (Y.rows() != samples.d || !Y.allFinite()) {
    throw Error("empirical denoiser: y has shape ({},{}), expected ({},b) and finite numbers",
                Y.rows(),
                Y.cols(),
                samples.d);
  }
}

// -|y_j - x_i|^2 / (2 sigma^2), (samples, columns of Y)
MatrixXd LogWeights(const MatrixXd& X, const MatrixXd& Y, double sigma) {
  MatrixXd log_weights = X.transpose() * Y;
  log_weights.colwise() -= 0.5 * X.colwise().squaredNorm().transpose();
  log_weights.rowwise() -= 0.5 * Y.colwise().squaredNorm();
  return log_weights / (sigma * sigma);
}

// Sums over samples in units of exp(largest log weight so far), a column each for a y.
class SoftmaxSums {
 public:
  SoftmaxSums(Index d, Index b)
      : largest_(VectorXd::Constant(b, -std::numeric_limits<double>::infinity())),
        weight_(VectorXd::Zero(b)),
        weight_squares_(VectorXd::Zero(b)),
        weighted_(MatrixXd::Zero(d, b)) {}

  void Add(const MatrixXd& X, const MatrixXd& log_weights) {
    const VectorXd largest = largest_.cwiseMax(log_weights.colwise().maxCoeff().transpose());
    const VectorXd rescale = (largest_ - largest).array().exp();
    largest_ = largest;
    const MatrixXd weights = (log_weights.rowwise() - largest.transpose()).array().exp().matrix();
    weight_ = weight_.cwiseProduct(rescale) + weights.colwise().sum().transpose();
    weight_squares_ = weight_squares_.cwiseProduct(rescale.cwiseAbs2()) +
                      weights.colwise().squaredNorm().transpose();
    weighted_ *= rescale.asDiagonal();
    weighted_.noalias() += X * weights;
  }

  EmpiricalEstimate Estimate() const {
    EmpiricalEstimate estimate;
    estimate.denoised = weighted_ * weight_.cwiseInverse().asDiagonal();
    estimate.log_sum = largest_.array() + weight_.array().log();
    estimate.effective_samples = weight_.cwiseAbs2().cwiseQuotient(weight_squares_);
    return estimate;
  }

 private:
  VectorXd largest_, weight_, weight_squares_;
  MatrixXd weighted_;
};

// Calls use(C) for each block with C = sqrt(w_i) (x_i - D) / sigma in columns: J = sum C C^T.
template <typename Use>
void ForEachDeviation(const SampleSource& samples,
                      const VectorXd& y,
                      double sigma,
                      const Use& use) {
  const EmpiricalEstimate estimate = EmpiricalDenoise(samples, y, sigma);
  ForEachBlock(samples, [&](const MatrixXf& block) {
    const MatrixXd X = block.cast<double>();
    const VectorXd log_weights = LogWeights(X, y, sigma).col(0).array() - estimate.log_sum(0);
    MatrixXd deviations(X.rows(), X.cols());
    Index count = 0;
    for (Index i = 0; i < X.cols(); ++i) {
      const double weight = std::exp(log_weights(i));
      if (weight < kNegligibleWeight) continue;
      deviations.col(count++) = (X.col(i) - estimate.denoised) * (std::sqrt(weight) / sigma);
    }
    if (count > 0) use(MatrixXd(deviations.leftCols(count)));
  });
}

}  // namespace

EmpiricalEstimate EmpiricalDenoise(const SampleSource& samples, const MatrixXd& Y, double sigma) {
  Check(samples, Y, sigma);
  SoftmaxSums sums(Y.rows(), Y.cols());
  ForEachBlock(samples, [&](const MatrixXf& block) {
    const MatrixXd X = block.cast<double>();
    sums.Add(X, LogWeights(X, Y, sigma));
  });
  return sums.Estimate();
}

MatrixXd EmpiricalJacobian(const SampleSource& samples, const VectorXd& y, double sigma) {
  MatrixXd lower = MatrixXd::Zero(y.size(), y.size());
  ForEachDeviation(samples, y, sigma, [&](const MatrixXd& deviations) {
    lower.selfadjointView<Eigen::Lower>().rankUpdate(deviations);
  });
  return lower.selfadjointView<Eigen::Lower>();
}

MatrixXd EmpiricalJacobianTimes(const SampleSource& samples,
                                const VectorXd& y,
                                double sigma,
                                const MatrixXd& V) {
  if (V.rows() != y.size()) {
    throw Error(
        "empirical jacobian ({},{}): V has shape ({},{})", y.size(), y.size(), V.rows(), V.cols());
  }
  MatrixXd product = MatrixXd::Zero(V.rows(), V.cols());
  ForEachDeviation(samples, y, sigma, [&](const MatrixXd& deviations) {
    const MatrixXd scores = deviations.transpose() * V;
    product.noalias() += deviations * scores;
  });
  return product;
}

}  // namespace denoscope
