#include "denoscope/linalg/leading_dense.h"

#include <gtest/gtest.h>

#include <limits>

#include "denoscope/base/normals.h"
#include "denoscope/linalg/subspaces.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXf;

constexpr double kResidual = 2e-5;  // of the largest value: the bound of 1e-5 and float32 products
constexpr double kOrthogonality = 2e-5;
constexpr double kValue = 3e-6;  // of the largest value

MatrixXf Normals(Index rows, Index cols) {
  RandomStream random(3, "leading dense");
  MatrixXf X(rows, cols);
  FillNormals(random, X.data(), static_cast<std::size_t>(X.size()));
  return X;
}

// The twin is LAPACK in double.
void ExpectLeadingPairs(const MatrixXf& A, Index count) {
  const SymmetricEigen<float> pairs = LeadingOfDense(A, count);
  const SymmetricEigen<double> twin = EigenSymmetricRange<double>(A.cast<double>(), 0, count);
  const MatrixXd V = pairs.vectors.cast<double>();
  const Eigen::VectorXd values = pairs.values.cast<double>();
  ASSERT_EQ(V.cols(), count);
  const double scale = twin.values.cwiseAbs().maxCoeff();
  EXPECT_LT((values - twin.values).cwiseAbs().maxCoeff(), kValue * scale);
  const MatrixXd residuals = A.cast<double>() * V - V * values.asDiagonal();
  EXPECT_LT(residuals.colwise().norm().maxCoeff(), kResidual * scale);
  EXPECT_LT((V.transpose() * V - MatrixXd::Identity(count, count)).norm(), kOrthogonality);
}

TEST(LeadingOfDense, FindsThePairsAtTheEdgeOfABulk) {
  const MatrixXf X = Normals(300, 380);
  ExpectLeadingPairs(X * X.transpose() / 380, 10);
}

TEST(LeadingOfDense, FindsWellSeparatedPairs) {
  VectorXf scales = VectorXf::Constant(300, 0.1f);
  for (Index k = 0; k < 8; ++k) scales(k) = 4.0f / static_cast<float>(k + 1);
  const MatrixXf X = scales.asDiagonal() * Normals(300, 380);
  const MatrixXf S = X * X.transpose() / 380;
  ExpectLeadingPairs(S, 8);
  const SymmetricEigen<float> pairs = LeadingOfDense(S, 8);
  const SymmetricEigen<double> twin = EigenSymmetricRange<double>(S.cast<double>(), 0, 8);
  // Residual 2e-5 over the smallest gap, 0.03 of the largest value; a cosine errs by its square.
  EXPECT_GT(MatchedCosines(pairs.vectors.cast<double>(), twin.vectors).minCoeff(), 1 - 1e-6);
}

// A basis that meets an invariant subspace, or none large enough, leaves the work to LAPACK.
TEST(LeadingOfDense, SolvesWhatLanczosCannot) {
  ExpectLeadingPairs(MatrixXf::Identity(300, 300), 5);
  const MatrixXf few = Normals(300, 3);
  ExpectLeadingPairs(few * few.transpose(), 6);
  const MatrixXf small = Normals(20, 30);
  ExpectLeadingPairs(small * small.transpose(), 20);
  ExpectLeadingPairs(MatrixXf::Constant(1, 1, 2), 1);
  EXPECT_EQ(LeadingOfDense(MatrixXf::Zero(200, 200), 2).values, VectorXf::Zero(2));
}

TEST(LeadingOfDense, ThrowsOnBadInput) {
  ExpectError([] { LeadingOfDense(MatrixXf::Zero(3, 4), 1); }, {"(3,4)", "square"});
  ExpectError([] { LeadingOfDense(MatrixXf::Zero(3, 3), 4); }, {"count is 4"});
  ExpectError([] { LeadingOfDense(MatrixXf::Zero(3, 3), 0); }, {"count is 0"});
  MatrixXf bad = MatrixXf::Identity(3, 3);
  bad(2, 0) = std::numeric_limits<float>::quiet_NaN();
  ExpectError([&] { LeadingOfDense(bad, 1); }, {"not finite"});
}

}  // namespace
}  // namespace denoscope
