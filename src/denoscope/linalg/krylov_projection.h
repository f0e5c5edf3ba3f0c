// The two small problems of block Krylov methods: a basis V (d,m) that grows by blocks, its partner
// Z, and the Ritz values and vectors of the operator in it. See block_krylov.h for the formulas.
//
// Cost of one Extend by b columns: b products (2 b for triplets), about 16 d m b flops; of Solve:
// O(m^3).
#pragma once

#include <Eigen/Dense>

#include "denoscope/base/random.h"
#include "denoscope/linalg/block_krylov.h"
#include "denoscope/linalg/linear_operator.h"
#include "denoscope/linalg/orthonormal_block.h"

namespace denoscope {

struct Ritz {
  Eigen::VectorXd values;  // (m), leading first
  Eigen::MatrixXd left,
      right;  // (m,m), Z left[k] ~ values[k] V right[k]; equal when A is symmetric
};

class Projection {
 public:
  Projection(Eigen::Index d, Eigen::Index subspace) : V_(d, subspace), Z_(d, subspace) {}
  virtual ~Projection() = default;

  Eigen::Index Dimension() const { return V_.rows(); }
  Eigen::Index Capacity() const { return V_.cols(); }
  Eigen::Index Size() const { return size_; }
  auto V() const { return V_.leftCols(size_); }
  auto Z() const { return Z_.leftCols(size_); }

  virtual Eigen::Index ColumnCost() const = 0;        // products for one more column of V
  virtual void Extend(const Eigen::MatrixXf& Q) = 0;  // V <- [V, Q], Q orthonormal to V
  virtual Ritz Solve() const = 0;
  virtual void Restart(const Ritz& ritz, Eigen::Index keep) = 0;  // V <- the first Ritz vectors

 protected:
  void Append(const Eigen::MatrixXf& Q, const Eigen::MatrixXf& image);
  void Rotate(const Ritz& ritz, Eigen::Index keep);

 private:
  Eigen::MatrixXf V_, Z_;
  Eigen::Index size_ = 0;
};

// Z = A V of a symmetric A.
class SymmetricProjection final : public Projection {
 public:
  SymmetricProjection(const CountingOperator& A, Eigen::Index subspace, Leading leading);

  Eigen::Index ColumnCost() const override { return 1; }
  void Extend(const Eigen::MatrixXf& Q) override;
  Ritz Solve() const override;
  void Restart(const Ritz& ritz, Eigen::Index keep) override;

 private:
  const CountingOperator& A_;
  Leading leading_;
  Eigen::MatrixXd T_;  // V^T Z
};

// A V = U B, Z = A^T U of an A (rows,cols), rows >= cols.
class BidiagonalProjection final : public Projection {
 public:
  BidiagonalProjection(const CountingOperator& A, Eigen::Index subspace, RandomStream& random);

  Eigen::Index ColumnCost() const override { return 2; }
  void Extend(const Eigen::MatrixXf& Q) override;
  Ritz Solve() const override;
  void Restart(const Ritz& ritz, Eigen::Index keep) override;
  Eigen::MatrixXf Left(const Ritz& ritz, Eigen::Index count) const;  // the first left vectors

 private:
  const CountingOperator& A_;
  RandomStream& random_;
  Eigen::MatrixXf U_;
  Eigen::MatrixXd B_;  // U^T A V
  double norm_ = 0;    // largest |A v| so far
};

}  // namespace denoscope
