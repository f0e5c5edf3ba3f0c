#include "denoscope/theory/pca/pca.h"

#include <cmath>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/linalg/dense_spectrum.h"

namespace denoscope {
namespace {

// Samples that are all the same leave the rounding of their mean, 1e-16 of it. The smallest real
// difference, a last bit of float32 in one of 1e6 samples, leaves 1e-10 of it.
constexpr double kConstant = 1e-13;

void CheckVaries(const Eigen::MatrixXd& covariance, const Eigen::VectorXd& mean, std::int64_t n) {
  if (std::sqrt(covariance.trace()) > kConstant * mean.norm()) return;
  throw Error("pca: all {} samples are the same, expected some that differ", n);
}

}  // namespace

CovarianceAccumulator::CovarianceAccumulator(Eigen::Index d)
    : shift_(Eigen::VectorXd::Zero(d)),
      sum_(Eigen::VectorXd::Zero(d)),
      products_(Eigen::MatrixXd::Zero(d, d)) {}

void CovarianceAccumulator::Add(const Eigen::MatrixXd& samples) {
  if (samples.rows() != sum_.size()) {
    throw Error("covariance: samples have shape ({},{}), expected ({},b)",
                samples.rows(),
                samples.cols(),
                sum_.size());
  }
  if (!samples.allFinite()) {
    throw Error("covariance: samples after the first {} hold a value that is not finite", n_);
  }
  if (samples.cols() == 0) return;
  if (n_ == 0) shift_ = samples.rowwise().mean();
  const Eigen::MatrixXd shifted = samples.colwise() - shift_;
  sum_ += shifted.rowwise().sum();
  products_.selfadjointView<Eigen::Lower>().rankUpdate(shifted);
  n_ += samples.cols();
}

Eigen::VectorXd CovarianceAccumulator::Mean() const {
  if (n_ < 1) throw Error("mean of samples: {} samples, expected at least 1", n_);
  return shift_ + sum_ / static_cast<double>(n_);
}

Eigen::MatrixXd CovarianceAccumulator::Covariance() const {
  if (n_ < 2) throw Error("covariance: {} samples, expected at least 2", n_);
  const double n = static_cast<double>(n_);
  Eigen::MatrixXd lower = products_;
  lower.selfadjointView<Eigen::Lower>().rankUpdate(sum_, -1 / n);
  lower /= n - 1;
  return lower.selfadjointView<Eigen::Lower>();
}

Pca ComputePca(const CovarianceAccumulator& sums) {
  Eigen::MatrixXd covariance = sums.Covariance();
  Pca pca;
  pca.n = sums.Count();
  pca.mean = sums.Mean();
  CheckVaries(covariance, pca.mean, pca.n);
  SymmetricEigen<double> eigen = EigenSymmetric<double>(std::move(covariance));
  pca.eigenvalues = eigen.values.cwiseMax(0.0);  // rounding alone makes them negative
  pca.basis = std::move(eigen.vectors);
  return pca;
}

}  // namespace denoscope
