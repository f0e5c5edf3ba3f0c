#include "denoscope/linalg/krylov_projection.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "denoscope/linalg/dense_spectrum.h"

namespace denoscope {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;

void Projection::Append(const MatrixXf& Q, const MatrixXf& image) {
  V_.middleCols(size_, Q.cols()) = Q;
  Z_.middleCols(size_, Q.cols()) = image;
  size_ += Q.cols();
}

void Projection::Rotate(const Ritz& ritz, Index keep) {
  V_.leftCols(keep) = Product(V(), ritz.right.leftCols(keep)).cast<float>();
  Z_.leftCols(keep) = Product(Z(), ritz.left.leftCols(keep)).cast<float>();
  size_ = keep;
}

SymmetricProjection::SymmetricProjection(const CountingOperator& A, Index subspace, Leading leading)
    : Projection(A.Cols(), subspace), A_(A), leading_(leading), T_(subspace, subspace) {}

void SymmetricProjection::Extend(const MatrixXf& Q) {
  const MatrixXf image = CheckedApply(A_, Q);
  const Index before = Size();
  Append(Q, image);
  const MatrixXd columns = TransposedProduct(V(), image.cast<double>());
  T_.block(0, before, Size(), Q.cols()) = columns;
  T_.block(before, 0, Q.cols(), Size()) = columns.transpose();
}

Ritz SymmetricProjection::Solve() const {
  const auto eigen = EigenSymmetric<double>(T_.topLeftCorner(Size(), Size()));
  std::vector<Index> order(static_cast<std::size_t>(Size()));
  std::iota(order.begin(), order.end(), Index{0});
  if (leading_ == Leading::kLargestMagnitude) {
    std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) {
      return std::abs(eigen.values(i)) > std::abs(eigen.values(j));
    });
  }
  const MatrixXd vectors = eigen.vectors(Eigen::all, order);
  return {eigen.values(order), vectors, vectors};
}

void SymmetricProjection::Restart(const Ritz& ritz, Index keep) {
  Rotate(ritz, keep);
  T_.topLeftCorner(keep, keep) = ritz.values.head(keep).asDiagonal();
}

BidiagonalProjection::BidiagonalProjection(const CountingOperator& A,
                                           Index subspace,
                                           RandomStream& random)
    : Projection(A.Cols(), subspace),
      A_(A),
      random_(random),
      U_(A.Rows(), subspace),
      B_(MatrixXd::Zero(subspace, subspace)) {}

void BidiagonalProjection::Extend(const MatrixXf& Q) {
  const Index before = Size(), b = Q.cols();
  const MatrixXd image = CheckedApply(A_, Q).cast<double>();
  norm_ = std::max(norm_, image.colwise().norm().maxCoeff());
  const MatrixXf left = Orthonormalised(image, U_.leftCols(before), kNoise * norm_, random_);
  U_.middleCols(before, b) = left;
  B_.block(before, 0, b, before).setZero();
  B_.block(0, before, before + b, b) = TransposedProduct(U_.leftCols(before + b), image);
  Append(Q, CheckedApplyTranspose(A_, left));
}

Ritz BidiagonalProjection::Solve() const {
  auto svd = SvdDense<double>(B_.topLeftCorner(Size(), Size()));
  return {svd.values, svd.left, svd.right};
}

void BidiagonalProjection::Restart(const Ritz& ritz, Index keep) {
  U_.leftCols(keep) = Left(ritz, keep);
  Rotate(ritz, keep);
  B_.topLeftCorner(keep, keep) = ritz.values.head(keep).asDiagonal();
}

MatrixXf BidiagonalProjection::Left(const Ritz& ritz, Index count) const {
  return Product(U_.leftCols(Size()), ritz.left.leftCols(count)).cast<float>();
}

}  // namespace denoscope
