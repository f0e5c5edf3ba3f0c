// Principal components of images: eigenpairs of the centred covariance, divisor n - 1.
#pragma once

#include <Eigen/Dense>
#include <cstdint>

namespace denoscope {

struct Pca {
  std::int64_t n = 0;           // samples
  Eigen::VectorXd mean;         // m, (d)
  Eigen::VectorXd eigenvalues;  // lambda_k, (d), descending, clipped at 0
  Eigen::MatrixXd basis;        // u_k in columns, (d,d)
};

// Sums over samples in blocks, in float64, so that a data set never has to be in memory at once.
class CovarianceAccumulator {
 public:
  explicit CovarianceAccumulator(Eigen::Index d);
  void Add(const Eigen::MatrixXd& samples);  // (d,b), a sample a column
  std::int64_t Count() const { return n_; }
  Eigen::VectorXd Mean() const;
  Eigen::MatrixXd Covariance() const;  // (d,d); throws below 2 samples

 private:
  std::int64_t n_ = 0;
  Eigen::VectorXd shift_;     // the first block's mean: keeps the sums free of cancellation
  Eigen::VectorXd sum_;       // of x - shift
  Eigen::MatrixXd products_;  // lower triangle of sum (x - shift)(x - shift)^T
};

// Throws below 2 samples and when all are the same. 32 d^2 bytes: leading_pca.h for large d.
Pca ComputePca(const CovarianceAccumulator& sums);

}  // namespace denoscope
