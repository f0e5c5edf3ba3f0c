#include "denoscope/linalg/orthonormal_block.h"

#include <gtest/gtest.h>

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;

constexpr double kFloatRounding = 1e-7;  // products of stored unit vectors

double OrthonormalityError(const MatrixXf& V) {
  const MatrixXd gram = V.cast<double>().transpose() * V.cast<double>();
  return (gram - MatrixXd::Identity(V.cols(), V.cols())).cwiseAbs().maxCoeff();
}

TEST(Products, AgreeWithDoubleAcrossPanels) {
  RandomStream random(1, "products");
  const MatrixXf A = NormalBlock(5000, 7, random), B = NormalBlock(5000, 3, random);
  const MatrixXd C = NormalBlock(7, 3, random).cast<double>();
  const MatrixXd wide = A.cast<double>();
  EXPECT_LT((Product(A, C) - wide * C).cwiseAbs().maxCoeff(), 1e-12);
  const MatrixXd expected = wide.transpose() * B.cast<double>();
  EXPECT_LT((TransposedProduct(A, B.cast<double>()) - expected).cwiseAbs().maxCoeff(), 1e-10);
}

TEST(Orthonormalised, ExtendsABasisEvenFromNearlyDependentColumns) {
  RandomStream random(2, "orthonormalised");
  const Index d = 3000;
  const MatrixXf basis =
      Orthonormalised(NormalBlock(d, 10, random).cast<double>(), MatrixXf(d, 0), 0, random);
  MatrixXd X = NormalBlock(d, 4, random).cast<double>();
  X.col(0) = basis.col(3).cast<double>() + 1e-5 * X.col(0);
  X.col(2) = X.col(1) + 1e-5 * X.col(2);
  X.col(3) = X.col(1);
  MatrixXf all(d, 14);
  all << basis, Orthonormalised(X, basis, 1e-6, random);
  EXPECT_LT(OrthonormalityError(all), kFloatRounding);
  const MatrixXd outside = X - Product(all, TransposedProduct(all, X));
  EXPECT_LT(outside.norm(), kFloatRounding * X.norm());
}

TEST(Orthonormalised, FillsTheWholeSpaceFromNothing) {
  RandomStream random(3, "fill");
  const MatrixXf Q = Orthonormalised(MatrixXd::Zero(20, 20), MatrixXf(20, 0), 0, random);
  EXPECT_LT(OrthonormalityError(Q), 1e-6);
}

}  // namespace
}  // namespace denoscope
