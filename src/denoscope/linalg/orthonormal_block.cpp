#include "denoscope/linalg/orthonormal_block.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;
using BasisRef = Eigen::Ref<const MatrixXf>;

constexpr Index kPanelRows = 2048;  // of 100 columns in double: 1.6 MB, within the cache

template <typename Action>
void ForEachPanel(Index rows, const Action& action) {
  for (Index begin = 0; begin < rows; begin += kPanelRows)
    action(begin, std::min(kPanelRows, rows - begin));
}

// x less its components along basis and along `block`, twice: once leaves what rounding lost.
void Project(VectorXd& x, const BasisRef& basis, const Eigen::Ref<const MatrixXd>& block) {
  for (int pass = 0; pass < 2; ++pass) {
    x -= Product(basis, TransposedProduct(basis, x));
    x -= block * (block.transpose() * x);
  }
}

VectorXd RandomDirection(const BasisRef& basis,
                         const Eigen::Ref<const MatrixXd>& block,
                         RandomStream& random) {
  const Index d = basis.rows();
  while (true) {
    VectorXd x = NormalBlock(d, 1, random).cast<double>();
    const double length = x.norm();
    Project(x, basis, block);
    if (x.norm() > 1e-5 * length) return x.normalized();  // else unlucky: draw again
  }
}

void CheckProduct(const CountingOperator& A,
                  const MatrixXf& product,
                  Index rows,
                  Index cols,
                  std::int64_t done_before,
                  std::string_view name) {
  if (product.rows() != rows || product.cols() != cols) {
    throw Error("operator ({},{}): {} has shape ({},{}), expected ({},{})",
                A.Rows(),
                A.Cols(),
                name,
                product.rows(),
                product.cols(),
                rows,
                cols);
  }
  if (product.allFinite()) return;
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows; ++i) {
      if (std::isfinite(product(i, j))) continue;
      throw Error(
          "operator ({},{}): {} of application {} is {} at entry {}, expected finite numbers",
          A.Rows(),
          A.Cols(),
          name,
          done_before + j + 1,
          product(i, j),
          i);
    }
  }
}

}  // namespace

MatrixXd Product(const BasisRef& A, const MatrixXd& C) {
  MatrixXd product(A.rows(), C.cols());
  ForEachPanel(A.rows(), [&](Index begin, Index size) {
    product.middleRows(begin, size).noalias() = A.middleRows(begin, size).cast<double>() * C;
  });
  return product;
}

MatrixXd TransposedProduct(const BasisRef& A, const MatrixXd& B) {
  MatrixXd product = MatrixXd::Zero(A.cols(), B.cols());
  ForEachPanel(A.rows(), [&](Index begin, Index size) {
    const MatrixXd panel = A.middleRows(begin, size).cast<double>();
    product.noalias() += panel.transpose() * B.middleRows(begin, size);
  });
  return product;
}

MatrixXf NormalBlock(Index d, Index b, RandomStream& random) {
  MatrixXf X(d, b);
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = static_cast<float>(random.Normal());
  return X;
}

MatrixXf Orthonormalised(MatrixXd X,
                         const BasisRef& basis,
                         double negligible,
                         RandomStream& random) {
  for (int pass = 0; pass < 2; ++pass) X -= Product(basis, TransposedProduct(basis, X));
  for (Index k = 0; k < X.cols(); ++k) {
    VectorXd x = X.col(k);
    for (int pass = 0; pass < 2; ++pass) x -= X.leftCols(k) * (X.leftCols(k).transpose() * x);
    const double length = x.norm();
    if (length > negligible) {
      X.col(k) = x / length;
    } else {
      X.col(k) = RandomDirection(basis, X.leftCols(k), random);
    }
  }
  return X.cast<float>();
}

MatrixXf CheckedApply(const CountingOperator& A, const MatrixXf& V) {
  const std::int64_t before = A.Applications();
  MatrixXf product = A.Apply(V);
  CheckProduct(A, product, A.Rows(), V.cols(), before, "product A v");
  return product;
}

MatrixXf CheckedApplyTranspose(const CountingOperator& A, const MatrixXf& U) {
  const std::int64_t before = A.Applications();
  MatrixXf product = A.ApplyTranspose(U);
  CheckProduct(A, product, A.Cols(), U.cols(), before, "product A^T u");
  return product;
}

}  // namespace denoscope
