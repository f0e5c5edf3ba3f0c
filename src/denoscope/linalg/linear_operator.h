// What spectral code sees of a network, a covariance or a matrix: products with blocks of vectors.
#pragma once

#include <Eigen/Dense>
#include <Eigen/SparseCore>
#include <cstdint>
#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {

class LinearOperator {
 public:
  virtual ~LinearOperator() = default;
  virtual Eigen::Index Rows() const = 0;
  virtual Eigen::Index Cols() const = 0;
  virtual Eigen::MatrixXf Apply(const Eigen::MatrixXf& V) const = 0;           // A V, V (cols,b)
  virtual Eigen::MatrixXf ApplyTranspose(const Eigen::MatrixXf& U) const = 0;  // A^T U, U (rows,b)
};

template <typename Matrix>
class MatrixOperator final : public LinearOperator {
 public:
  explicit MatrixOperator(Matrix A) : A_(std::move(A)) {}
  Eigen::Index Rows() const override { return A_.rows(); }
  Eigen::Index Cols() const override { return A_.cols(); }
  Eigen::MatrixXf Apply(const Eigen::MatrixXf& V) const override { return A_ * V; }
  Eigen::MatrixXf ApplyTranspose(const Eigen::MatrixXf& U) const override {
    return A_.transpose() * U;
  }

 private:
  Matrix A_;
};
using DenseOperator = MatrixOperator<Eigen::MatrixXf>;
using SparseOperator = MatrixOperator<Eigen::SparseMatrix<float>>;

// (A + A^T)/2 of a square A, which must outlive it: two columns of A for each of its own.
class SymmetricPart final : public LinearOperator {
 public:
  explicit SymmetricPart(const LinearOperator& A) : A_(A) {
    if (A.Rows() == A.Cols()) return;
    throw Error(
        "symmetric part: operator has shape ({},{}), expected a square one", A.Rows(), A.Cols());
  }
  Eigen::Index Rows() const override { return A_.Rows(); }
  Eigen::Index Cols() const override { return A_.Cols(); }
  Eigen::MatrixXf Apply(const Eigen::MatrixXf& V) const override {
    return (A_.Apply(V) + A_.ApplyTranspose(V)) / 2;
  }
  Eigen::MatrixXf ApplyTranspose(const Eigen::MatrixXf& U) const override { return Apply(U); }

 private:
  const LinearOperator& A_;
};

// A, which must outlive it, with a count of the columns it was applied to.
class CountingOperator final : public LinearOperator {
 public:
  explicit CountingOperator(const LinearOperator& A) : A_(A) {}
  Eigen::Index Rows() const override { return A_.Rows(); }
  Eigen::Index Cols() const override { return A_.Cols(); }
  Eigen::MatrixXf Apply(const Eigen::MatrixXf& V) const override {
    forward_ += V.cols();
    return A_.Apply(V);
  }
  Eigen::MatrixXf ApplyTranspose(const Eigen::MatrixXf& U) const override {
    transposed_ += U.cols();
    return A_.ApplyTranspose(U);
  }

  std::int64_t Forward() const { return forward_; }
  std::int64_t Transposed() const { return transposed_; }
  std::int64_t Applications() const { return forward_ + transposed_; }

 private:
  const LinearOperator& A_;
  mutable std::int64_t forward_ = 0, transposed_ = 0;
};

}  // namespace denoscope
