// Where noisy samples come from: a known Gaussian, or samples at hand.
//
// Coordinates are those of y - m in the eigenbasis of the data covariance. For data with a known
// spectrum nothing is lost by that: Gaussian noise looks the same along any axes.
//
// Factor of a scatter matrix: F (d,m) with F F^T = sum_i (y_i - mean)(y_i - mean)^T. Centring n
// columns is a rotation of the samples' axes that drops one: m = n - 1 columns of which the mean
// need not be removed, and noise added to them later is as if added to the samples and centred.
// Gaussian samples need no samples: F F^T is Wishart, F = diag(sqrt(lambda + s^2)) T with T lower
// triangular, N(0,1) below the diagonal and chi with n - 1 - i degrees of freedom on it (Bartlett
// 1933; trapezoidal when n <= d): d^2/2 numbers instead of n d.
#pragma once

#include <Eigen/Dense>

#include "denoscope/base/random.h"

namespace denoscope {

class NoisySource {
 public:
  virtual ~NoisySource() = default;
  virtual Eigen::Index Dimension() const = 0;
  // Factor of n >= 2 clean samples, (d,n-1).
  virtual Eigen::MatrixXf CleanFactor(Eigen::Index n, RandomStream& random) const = 0;
  // Factor of n clean samples, each with noise of its own of deviation sigma.
  virtual Eigen::MatrixXf NoisyFactor(Eigen::Index n, double sigma, RandomStream& random) const;
};

// x - m ~ N(0, diag(lambda)): fresh samples at every call.
class GaussianSource final : public NoisySource {
 public:
  explicit GaussianSource(Eigen::VectorXd lambda);  // throws as CheckDescending
  Eigen::Index Dimension() const override { return lambda_.size(); }
  Eigen::MatrixXf CleanFactor(Eigen::Index n, RandomStream& random) const override;
  Eigen::MatrixXf NoisyFactor(Eigen::Index n, double sigma, RandomStream& random) const override;

 private:
  Eigen::VectorXd lambda_;
};

// Given samples U^T (x - m): every call takes n of them without repetition, all in turn when n is
// their number.
class EmpiricalSource final : public NoisySource {
 public:
  explicit EmpiricalSource(Eigen::MatrixXf samples);  // (d,N); throws unless two of them differ
  Eigen::Index Dimension() const override { return samples_.rows(); }
  Eigen::MatrixXf CleanFactor(Eigen::Index n, RandomStream& random) const override;

 private:
  Eigen::MatrixXf samples_;
};

}  // namespace denoscope
