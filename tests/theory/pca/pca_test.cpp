#include "denoscope/theory/pca/pca.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Entries of the covariances here are of order 1 to 10, sums run over 200 samples: 200 eps.
constexpr double kRounding = 1e-12;

// On a grid of 2^-20, so that adding 1e6 rounds nothing.
MatrixXd GridSamples(Index d, Index n) {
  RandomStream random(11, "samples");
  MatrixXd X(d, n);
  for (Index i = 0; i < X.size(); ++i) {
    X.data()[i] = std::round(random.Normal() * (1 + i % d) * 0x1p20) * 0x1p-20;
  }
  return X;
}

CovarianceAccumulator Accumulate(const MatrixXd& X, Index block) {
  CovarianceAccumulator sums(X.rows());
  for (Index i = 0; i < X.cols(); i += block) {
    sums.Add(X.middleCols(i, std::min(block, X.cols() - i)));
  }
  return sums;
}

MatrixXd CovarianceByDefinition(const MatrixXd& X) {
  const MatrixXd centred = X.colwise() - X.rowwise().mean();
  return centred * centred.transpose() / static_cast<double>(X.cols() - 1);
}

TEST(Covariance, AgreesWithItsDefinitionForAnyBlocks) {
  const MatrixXd X = GridSamples(7, 200);
  const MatrixXd expected = CovarianceByDefinition(X);
  for (const Index block : {1, 7, 64, 200}) {
    SCOPED_TRACE(block);
    const CovarianceAccumulator sums = Accumulate(X, block);
    EXPECT_EQ(sums.Count(), 200);
    EXPECT_LT((sums.Mean() - X.rowwise().mean()).cwiseAbs().maxCoeff(), kRounding);
    EXPECT_LT((sums.Covariance() - expected).norm(), kRounding * expected.norm());
    EXPECT_EQ(sums.Covariance(), MatrixXd(sums.Covariance().transpose()));
  }
}

TEST(Covariance, DoesNotSeeAShiftOfAllSamples) {
  const MatrixXd X = GridSamples(7, 200);
  const MatrixXd shifted = X.array() + 1e6;
  const MatrixXd expected = Accumulate(X, 50).Covariance();
  // Near 1e6 a mean rounds to 1e-10. The covariance does not see that: samples minus the shift are
  // exact, and the shift cancels to second order.
  constexpr double kMeanRounding = 1e-9;
  const CovarianceAccumulator sums = Accumulate(shifted, 50);
  EXPECT_LT((sums.Covariance() - expected).norm(), kRounding * expected.norm());
  EXPECT_LT((sums.Mean().array() - 1e6 - X.rowwise().mean().array()).abs().maxCoeff(),
            kMeanRounding);
}

TEST(Covariance, ThrowsOnTooFewSamplesAndOnWrongOnes) {
  CovarianceAccumulator sums(3);
  EXPECT_THROW(sums.Mean(), Error);
  sums.Add(MatrixXd(3, 0));
  EXPECT_EQ(sums.Count(), 0);
  sums.Add(MatrixXd::Ones(3, 1));
  EXPECT_EQ(sums.Mean(), VectorXd::Ones(3));
  EXPECT_THROW(sums.Covariance(), Error);
  EXPECT_THROW(ComputePca(sums), Error);
  EXPECT_THROW(sums.Add(MatrixXd::Ones(4, 2)), Error);
  EXPECT_THROW(sums.Add(MatrixXd::Constant(3, 2, std::numeric_limits<double>::infinity())), Error);
}

TEST(Pca, DiagonalisesTheCovariance) {
  const MatrixXd X = GridSamples(7, 200);
  const Pca pca = ComputePca(Accumulate(X, 64));
  EXPECT_EQ(pca.n, 200);
  const MatrixXd expected = CovarianceByDefinition(X);
  const MatrixXd rebuilt = pca.basis * pca.eigenvalues.asDiagonal() * pca.basis.transpose();
  EXPECT_LT((rebuilt - expected).norm(), kRounding * expected.norm());
  EXPECT_LT((pca.mean - X.rowwise().mean()).cwiseAbs().maxCoeff(), kRounding);
  for (Index k = 1; k < 7; ++k) EXPECT_LE(pca.eigenvalues(k), pca.eigenvalues(k - 1));
}

TEST(Pca, ThrowsWhenAllSamplesAreTheSame) {
  CovarianceAccumulator sums(3);
  for (int i = 0; i < 4; ++i) sums.Add(MatrixXd::Constant(3, 2, 0.1));
  EXPECT_THROW(ComputePca(sums), Error);
  CovarianceAccumulator black(3);
  black.Add(MatrixXd::Zero(3, 5));
  EXPECT_THROW(ComputePca(black), Error);
}

TEST(Pca, FewSamplesLeaveNoNegativeEigenvalue) {
  const Pca pca = ComputePca(Accumulate(GridSamples(20, 6), 6));
  EXPECT_GE(pca.eigenvalues.minCoeff(), 0.0);
  EXPECT_GT(pca.eigenvalues(4), 0.1);  // n - 1 = 5 of them vary
  EXPECT_LT(pca.eigenvalues(5), kRounding * pca.eigenvalues(0));
}

}  // namespace
}  // namespace denoscope
