#include "denoscope/linalg/leading_dense.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "denoscope/base/error.h"
#include "denoscope/base/normals.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;

constexpr Index kBlock = 4;
constexpr Index kFewest = 64;  // vectors before the first look at the residuals
constexpr Index kBetweenLooks = 32;
constexpr float kResidual = 1e-5f;     // of the largest value; a float32 product errs by some 1e-7
constexpr double kIndependent = 1e-5;  // of a column's length: less left of it is rounding

// W = Q R by two passes of Cholesky's decomposition of W^T W in double. None when the columns are
// dependent to working precision: the basis has met an invariant subspace.
std::optional<MatrixXf> Orthonormalise(MatrixXf& W) {
  MatrixXd R = MatrixXd::Identity(W.cols(), W.cols());
  for (int pass = 0; pass < 2; ++pass) {
    const MatrixXd tall = W.cast<double>();
    const Eigen::LLT<MatrixXd> cholesky(tall.transpose() * tall);
    if (cholesky.info() != Eigen::Success) return std::nullopt;
    const MatrixXd factor = cholesky.matrixU();
    const Eigen::ArrayXd diagonal = factor.diagonal().array();
    if (!(diagonal.minCoeff() > kIndependent * diagonal.maxCoeff())) return std::nullopt;
    W = cholesky.matrixU().solve<Eigen::OnTheRight>(tall).cast<float>();
    R = factor * R;
  }
  return R.cast<float>();
}

class Lanczos {
 public:
  Lanczos(const MatrixXf& A, Index capacity) : A_(A), V_(A.rows(), capacity) {
    T_ = MatrixXf::Zero(capacity, capacity);
    RandomStream random(0, "leading pairs");
    next_.resize(A.rows(), kBlock);
    FillNormals(random, next_.data(), static_cast<std::size_t>(next_.size()));
    Orthonormalise(next_);
  }

  Index Size() const { return size_; }
  Index Capacity() const { return V_.cols(); }

  // Takes the next block into the basis; false when there is none to follow it.
  bool Extend() {
    V_.middleCols(size_, kBlock) = next_;
    MatrixXf W = A_ * next_;
    size_ += kBlock;
    const auto V = V_.leftCols(size_);
    for (int pass = 0; pass < 2; ++pass) {
      const MatrixXf components = V.transpose() * W;
      W.noalias() -= V * components;
      T_.block(0, size_ - kBlock, size_, kBlock) += components;
    }
    const std::optional<MatrixXf> R = Orthonormalise(W);
    if (!R) return false;
    R_ = *R;
    next_ = W;
    return true;
  }

  // The first `count` Ritz pairs if all have converged.
  std::optional<SymmetricEigen<float>> Converged(Index count) const {
    const MatrixXf lower = T_.topLeftCorner(size_, size_).transpose();
    SymmetricEigen<float> ritz = EigenSymmetricRange<float>(lower, 0, count);
    const MatrixXf residuals = R_ * ritz.vectors.bottomRows(kBlock);
    const float allowed = kResidual * std::abs(ritz.values(0));
    if (residuals.colwise().norm().maxCoeff() > allowed) return std::nullopt;
    ritz.vectors = V_.leftCols(size_) * ritz.vectors;
    return ritz;
  }

 private:
  const MatrixXf& A_;
  MatrixXf V_, T_, next_, R_;  // the upper triangle of T by blocks
  Index size_ = 0;
};

}  // namespace

SymmetricEigen<float> LeadingOfDense(const MatrixXf& A, Index count) {
  if (A.rows() != A.cols() || count < 1 || count > A.rows()) {
    throw Error("leading pairs: count is {} of a matrix ({},{}), expected 1 to its size, square",
                count,
                A.rows(),
                A.cols());
  }
  if (!A.allFinite()) throw Error("leading pairs: the matrix ({0},{0}) is not finite", A.rows());
  const Index capacity = A.rows() / 2 / kBlock * kBlock;
  Index look = std::max(kFewest, 4 * count);
  if (look <= capacity) {
    Lanczos lanczos(A, capacity);
    while (lanczos.Size() < lanczos.Capacity() && lanczos.Extend()) {
      if (lanczos.Size() < look) continue;
      if (const auto pairs = lanczos.Converged(count)) return *pairs;
      look += kBetweenLooks;
    }
  }
  return EigenSymmetricRange<float>(A, 0, count);
}

}  // namespace denoscope
