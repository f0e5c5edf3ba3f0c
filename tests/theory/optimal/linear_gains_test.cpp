#include "denoscope/theory/optimal/linear_gains.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "denoscope/base/error.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/theory/optimal/wiener.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;  // sums over 10 modes of order 1
constexpr double kSigmas = 4;        // of statistical tests, fixed seeds: by chance 6e-5

Pca KnownPca(Index d) {
  Pca pca;
  pca.n = 1000;
  pca.mean = VectorXd::LinSpaced(d, 0, 1);
  pca.eigenvalues = VectorXd::LinSpaced(d, 1, static_cast<double>(d)).array().pow(-1.3);
  pca.basis = RandomOrthonormal(d, d, "basis");
  return pca;
}

TEST(LinearGains, ProjectionMseIsItsFormula) {
  const VectorXd lambda = KnownPca(10).eigenvalues;
  for (const Index rank : {0, 1, 4, 10}) {
    const double expected = (0.09 * rank + lambda.tail(10 - rank).sum()) / 10;
    EXPECT_NEAR(ProjectionMse(lambda, rank, 0.3), expected, kRounding);
  }
  EXPECT_THROW(ProjectionMse(lambda, 11, 0.3), Error);
  EXPECT_THROW(ProjectionMse(lambda, -1, 0.3), Error);
  EXPECT_THROW(ProjectionMse(lambda, 1, 0), Error);
}

TEST(LinearGains, WienersGainsGiveWienersMse) {
  const VectorXd lambda = KnownPca(10).eigenvalues;
  const DirectionVariances variances = {lambda, lambda.sum(), 10};
  EXPECT_NEAR(GainMse(variances, WienerGains(lambda, 0.4), 0.4), WienerMse(lambda, 0.4), kRounding);
}

TEST(LinearGains, VariancesAlongAreTheQuadraticForm) {
  const Pca pca = KnownPca(10);
  const MatrixXd V = RandomOrthonormal(10, 4, "directions");
  const MatrixXd covariance = pca.basis * pca.eigenvalues.asDiagonal() * pca.basis.transpose();
  const VectorXd expected = (V.transpose() * covariance * V).diagonal();
  EXPECT_LT((VariancesAlong(pca, V) - expected).norm(), kRounding);
  EXPECT_THROW(VariancesAlong(pca, MatrixXd::Zero(9, 2)), Error);
}

TEST(LinearGains, ShrunkIsTheBestOnEstimatedDirections) {
  const Pca pca = KnownPca(10);
  const MatrixXd V = RandomOrthonormal(10, 4, "directions");
  const DirectionVariances variances = {VariancesAlong(pca, V), pca.eigenvalues.sum(), 10};
  const VectorXd best = WienerGains(variances.along, 0.5);
  const double least = GainMse(variances, best, 0.5);
  for (Index k = 0; k < 4; ++k) {
    for (const double step : {-0.01, 0.01}) {
      VectorXd moved = best;
      moved(k) += step;
      EXPECT_GT(GainMse(variances, moved, 0.5), least);
    }
  }
  EXPECT_GT(GainMse(variances, ProjectionGains(4, 4), 0.5), least);
}

TEST(LinearGains, MseFormulaAgreesWithGaussianDataOnAnyDirections) {
  const Pca pca = KnownPca(10);
  const Index n = 20000;
  const double sigma = 0.5;
  const MatrixXd V = RandomOrthonormal(10, 4, "directions");
  const VectorXd gains = (VectorXd(4) << 1, 0.7, 0.2, 1.1).finished();
  const MatrixXd clean =
      pca.basis * pca.eigenvalues.cwiseSqrt().asDiagonal() * RandomMatrix(10, n, "clean");
  const MatrixXd noisy = clean + sigma * RandomMatrix(10, n, "noise");
  const MatrixXd error = V * gains.asDiagonal() * (V.transpose() * noisy) - clean;
  const VectorXd mse = error.colwise().squaredNorm().transpose() / 10;
  const double variance = (mse.array() - mse.mean()).square().sum() / (n - 1.0);
  const DirectionVariances variances = {VariancesAlong(pca, V), pca.eigenvalues.sum(), 10};
  EXPECT_NEAR(mse.mean(), GainMse(variances, gains, sigma), kSigmas * std::sqrt(variance / n));
}

TEST(DebiasedVariances, InvertTheSpikedModel) {
  const double sigma = 0.7;
  for (const double gamma : {0.3, 1.0, 4.0}) {
    for (const double above : {1.01, 2.0, 10.0}) {
      const double t = above * std::sqrt(gamma);
      const double c2 = (1 - gamma / (t * t)) / (1 + gamma / t);
      const VectorXd eigenvalue = VectorXd::Constant(1, sigma * sigma * (1 + t) * (1 + gamma / t));
      EXPECT_NEAR(DebiasedVariances(eigenvalue, gamma, sigma)(0), sigma * sigma * t * c2, 1e-10);
    }
    const VectorXd edge = VectorXd::Constant(1, sigma * sigma * std::pow(1 + std::sqrt(gamma), 2));
    EXPECT_NEAR(DebiasedVariances(edge, gamma, sigma)(0), 0, 1e-6);
    EXPECT_EQ(DebiasedVariances(0.9 * edge, gamma, sigma)(0), 0);
  }
  EXPECT_THROW(DebiasedVariances(VectorXd::Ones(1), 0, 1), Error);
  EXPECT_THROW(DebiasedVariances(VectorXd::Ones(1), 1, -1), Error);
}

// One spike of t = 4 in d = n = 200, 40 trials: u^T Sigma u of the estimated direction and its
// estimate from the noisy eigenvalue differ on average by less than four standard errors and the
// finite size, 8/d.
TEST(DebiasedVariances, EstimateWhatTheDirectionReallyHolds) {
  const Index d = 200, n = 200, trials = 40;
  const double t = 4;
  VectorXd difference(trials);
  for (Index trial = 0; trial < trials; ++trial) {
    MatrixXd Y = RandomMatrix(d, n, "noisy samples", static_cast<std::uint64_t>(trial));
    Y.row(0) *= std::sqrt(1 + t);
    const MatrixXd S = Y * Y.transpose() / static_cast<double>(n);
    const SymmetricEigen<double> leading = EigenSymmetricRange<double>(S, 0, 1);
    const double truth = t * leading.vectors(0, 0) * leading.vectors(0, 0);
    difference(trial) = DebiasedVariances(leading.values, 1, 1)(0) - truth;
  }
  const double variance = (difference.array() - difference.mean()).square().sum() / (trials - 1);
  EXPECT_LT(std::abs(difference.mean()), kSigmas * std::sqrt(variance / trials) + 8.0 * t / d);
}

}  // namespace
}  // namespace denoscope
