// The arithmetic of Krylov methods on float32 vectors: products of tall matrices summed in double,
// blocks orthonormalised against a basis, operator products that are held against NaN.
//
// A vector of length d is stored in float32, each entry to 6e-8 of itself; the errors are
// independent, so two stored vectors are orthogonal to about 6e-8 / sqrt(d). Summed in float32, a
// product over d entries would lose 6e-8 sqrt(d) and more; hence every sum over d is in double,
// converted a panel of rows at a time: no copy of the basis, and O(d) beside the product's O(d m
// b).
#pragma once

#include <Eigen/Dense>

#include "denoscope/base/random.h"
#include "denoscope/linalg/linear_operator.h"

namespace denoscope {

constexpr double kNoise = 1e-6;  // of a float32 product A v, relative to |A|

// A C, A (d,m), C (m,b).
Eigen::MatrixXd Product(const Eigen::Ref<const Eigen::MatrixXf>& A, const Eigen::MatrixXd& C);

// A^T B, A (d,m), B (d,b).
Eigen::MatrixXd TransposedProduct(const Eigen::Ref<const Eigen::MatrixXf>& A,
                                  const Eigen::MatrixXd& B);

// (d,b), entries N(0,1).
Eigen::MatrixXf NormalBlock(Eigen::Index d, Eigen::Index b, RandomStream& random);

// Orthonormal columns (d,b) that span, together with `basis` (d,m), what basis and X (d,b) span:
// two passes of Gram-Schmidt. A column of which no more than the length `negligible` is left is
// replaced by a random direction outside the span. Needs m + b <= d.
Eigen::MatrixXf Orthonormalised(Eigen::MatrixXd X,
                                const Eigen::Ref<const Eigen::MatrixXf>& basis,
                                double negligible,
                                RandomStream& random);

// A V and A^T U; throw naming the application when a product is not finite.
Eigen::MatrixXf CheckedApply(const CountingOperator& A, const Eigen::MatrixXf& V);
Eigen::MatrixXf CheckedApplyTranspose(const CountingOperator& A, const Eigen::MatrixXf& U);

}  // namespace denoscope
