#include "denoscope/linalg/subspaces.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/error.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr double kRounding = 1e-13;  // products of unit vectors of length 30: about 30 eps

TEST(PrincipalCosines, KnownAnglesInTheCoordinatePlanes) {
  // U spans e0, e1; V spans cos a e0 + sin a e2, cos b e1 + sin b e3.
  const double a = 0.3, b = 1.1;
  MatrixXd U = MatrixXd::Zero(5, 2), V = MatrixXd::Zero(5, 2);
  U(0, 0) = U(1, 1) = 1;
  V(0, 0) = std::cos(a);
  V(2, 0) = std::sin(a);
  V(1, 1) = std::cos(b);
  V(3, 1) = std::sin(b);
  const Eigen::VectorXd cosines = PrincipalCosines(U, V);
  ASSERT_EQ(cosines.size(), 2);
  EXPECT_NEAR(cosines(0), std::cos(a), kRounding);
  EXPECT_NEAR(cosines(1), std::cos(b), kRounding);
}

TEST(PrincipalCosines, DependOnTheSpansAloneAndStayWithinOne) {
  const MatrixXd Q = RandomOrthonormal(30, 30, "basis"),
                 rotation = RandomOrthonormal(6, 6, "rotation");
  const MatrixXd U = Q.leftCols(6);
  const Eigen::VectorXd same = PrincipalCosines(U, U * rotation);
  EXPECT_LT((same.array() - 1).abs().maxCoeff(), kRounding);
  EXPECT_LE(same.maxCoeff(), 1.0);
  EXPECT_LT(PrincipalCosines(U, Q.rightCols(10)).maxCoeff(), kRounding);
}

TEST(PrincipalCosines, SubspacesOfDifferentDimension) {
  const MatrixXd Q = RandomOrthonormal(30, 30, "nested");
  const Eigen::VectorXd cosines = PrincipalCosines(Q.leftCols(3), Q.leftCols(8));
  ASSERT_EQ(cosines.size(), 3);
  EXPECT_LT((cosines.array() - 1).abs().maxCoeff(), kRounding);
}

TEST(MatchedCosines, IgnoreSignAndOrderNothing) {
  const MatrixXd Q = RandomOrthonormal(30, 30, "matched");
  MatrixXd V = Q.leftCols(4);
  V.col(1) *= -1;
  V.col(2).swap(V.col(3));
  const Eigen::VectorXd cosines = MatchedCosines(Q.leftCols(4), V);
  EXPECT_LT((cosines - Eigen::Vector4d(1, 1, 0, 0)).cwiseAbs().maxCoeff(), kRounding);
  EXPECT_LE(cosines.maxCoeff(), 1.0);
}

TEST(Subspaces, ThrowOnShapesThatDoNotFit) {
  EXPECT_THROW(PrincipalCosines(MatrixXd::Zero(4, 2), MatrixXd::Zero(5, 2)), Error);
  EXPECT_THROW(MatchedCosines(MatrixXd::Zero(4, 2), MatrixXd::Zero(4, 3)), Error);
}

}  // namespace
}  // namespace denoscope
