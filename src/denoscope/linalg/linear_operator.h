// What spectral code sees of a network, a covariance or a matrix: products with blocks of vectors.
#pragma once

#include <Eigen/Dense>
#include <utility>

namespace denoscope {

class LinearOperator {
 public:
  virtual ~LinearOperator() = default;
  virtual Eigen::Index Rows() const = 0;
  virtual Eigen::Index Cols() const = 0;
  virtual Eigen::MatrixXf Apply(const Eigen::MatrixXf& V) const = 0;           // A V, V (cols,b)
  virtual Eigen::MatrixXf ApplyTranspose(const Eigen::MatrixXf& U) const = 0;  // A^T U, U (rows,b)
};

class DenseOperator final : public LinearOperator {
 public:
  explicit DenseOperator(Eigen::MatrixXf A) : A_(std::move(A)) {}
  Eigen::Index Rows() const override { return A_.rows(); }
  Eigen::Index Cols() const override { return A_.cols(); }
  Eigen::MatrixXf Apply(const Eigen::MatrixXf& V) const override { return A_ * V; }
  Eigen::MatrixXf ApplyTranspose(const Eigen::MatrixXf& U) const override {
    return A_.transpose() * U;
  }

 private:
  Eigen::MatrixXf A_;
};

}  // namespace denoscope
