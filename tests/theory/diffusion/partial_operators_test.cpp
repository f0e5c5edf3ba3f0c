#include "denoscope/theory/diffusion/partial_operators.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/theory/diffusion/schedule.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;

VectorXd Lambda() { return (VectorXd(6) << 4, 2, 1, 0.3, 0.1, 0).finished(); }
VectorXd Levels() { return Eigen::Vector4d(1.6, 1.2, 0.8, 0.4); }

LearnedChain Chain(NoiseKind kind, std::uint64_t trial) {
  return LearnChain(GaussianSource(Lambda()), Levels(), kind, {14, 3, 1}, trial);
}

ChainReport Report(NoiseKind kind, std::uint64_t begin, std::uint64_t trials) {
  ChainSums statistics;
  statistics.windows = RegimeWindows({1, 2, 4}, 4);
  for (std::uint64_t t = begin; t < begin + trials; ++t) statistics.Add(Chain(kind, t));
  return statistics.Report();
}

TEST(PartialOperator, IsTheProductOfProjections) {
  const LearnedChain chain = Chain(NoiseKind::kAccumulated, 0);
  for (const Window& window : RegimeWindows({1, 3, 4}, 4)) {
    MatrixXd product = MatrixXd::Identity(6, 6);
    for (Index t = window.first; t < window.first + window.count; ++t) {
      const MatrixXd& U = chain.bases[static_cast<std::size_t>(t)].vectors;
      product = U * U.transpose() * product;
    }
    const MatrixXd block = product.topLeftCorner(3, 3);
    EXPECT_LT((PartialOperator(chain, window) - block).norm(), kRounding);
  }
}

// The largest |E P - prod E U U^T| over windows and entries, in standard errors; the expectations
// on both sides come from different trials.
double LargestDeviation(NoiseKind kind) {
  const ChainReport report = Report(kind, 0, 1500), other = Report(kind, 1500, 1500);
  double largest = 0;
  for (const PartialOperators& partial : report.partials) {
    const Window& w = partial.window;
    const MatrixXd means = other.energy.middleCols(w.first, w.count);
    const MatrixXd errors = other.energy_error.middleCols(w.first, w.count);
    const VectorXd products = means.rowwise().prod();
    const VectorXd relative = errors.cwiseQuotient(means).rowwise().norm();
    for (Index i = 0; i < 3; ++i) {
      for (Index j = 0; j < 3; ++j) {
        const double expected = i == j ? products(i) : 0;
        const double spread = i == j ? relative(i) * products(i) : 0;
        const double error = std::hypot(partial.error(i, j), spread);
        largest = std::max(largest, std::abs(partial.mean(i, j) - expected) / error);
      }
    }
  }
  return largest;
}

// 1500 trials a side, 6 windows of 9 entries, 4 standard errors: by chance 3e-3 over seeds.
TEST(PartialOperator, ExpectationFactorsForFreshSamples) {
  EXPECT_LT(LargestDeviation(NoiseKind::kFresh), 4);
}

// One chain of noise keeps bases together: the same rule is wrong by far.
TEST(PartialOperator, ExpectationDoesNotFactorForAccumulatedNoise) {
  EXPECT_GT(LargestDeviation(NoiseKind::kAccumulated), 10);
  const ChainReport fresh = Report(NoiseKind::kFresh, 0, 100);
  const ChainReport accumulated = Report(NoiseKind::kAccumulated, 0, 100);
  for (Index t = 0; t < 3; ++t) {
    EXPECT_GT(accumulated.consecutive(1, t), fresh.consecutive(1, t));
    EXPECT_LT(accumulated.off_diagonal(t), fresh.off_diagonal(t));
  }
}

TEST(ChainSums, AgreesWithDefinitions) {
  ChainSums statistics;
  statistics.windows = RegimeWindows({2}, 4);
  MatrixXd alignment = MatrixXd::Zero(3, 4), energy = alignment, overlap = MatrixXd::Zero(3, 3);
  VectorXd off = VectorXd::Zero(3), product = VectorXd::Zero(3);
  for (std::uint64_t trial = 0; trial < 5; ++trial) {
    const LearnedChain chain = Chain(NoiseKind::kFresh, trial);
    statistics.Add(chain);
    const auto U = [&](Index t) { return chain.bases[static_cast<std::size_t>(t)].vectors; };
    for (Index k = 0; k < 3; ++k) {
      for (Index t = 0; t < 4; ++t) {
        alignment(k, t) += U(t)(k, k) * U(t)(k, k) / 5;
        energy(k, t) += U(t).row(k).squaredNorm() / 5;
      }
      for (Index t = 0; t < 3; ++t) overlap(k, t) += std::abs(U(t).col(k).dot(U(t + 1).col(k))) / 5;
      product(k) += std::abs(U(0)(k, k) * U(0).col(k).dot(U(1).col(k)) * U(1)(k, k)) / 5;
    }
    for (Index t = 0; t < 3; ++t) {
      const MatrixXd G = U(t).transpose() * U(t + 1);
      off(t) += (G - MatrixXd(G.diagonal().asDiagonal())).squaredNorm() / G.squaredNorm() / 5;
    }
  }
  const ChainReport report = statistics.Report();
  EXPECT_EQ(report.trials, 5);
  EXPECT_LT((report.alignment - alignment).norm(), kRounding);
  EXPECT_LT((report.energy - energy).norm(), kRounding);
  EXPECT_LT((report.consecutive - overlap).norm(), kRounding);
  EXPECT_LT((report.off_diagonal - off).norm(), kRounding);
  const PartialOperators& high = report.partials.front();
  EXPECT_LT((high.consecutive - product / product(0)).norm(), kRounding);
  const VectorXd aligned = alignment.col(0).cwiseProduct(alignment.col(1));
  EXPECT_LT((high.aligned - aligned / aligned(0)).norm(), kRounding);
  EXPECT_LT((high.ratios - high.mean.diagonal() / high.mean(0, 0)).norm(), kRounding);
}

TEST(ChainSums, OneTrialHasNoErrorAndNoneNoReport) {
  EXPECT_TRUE(std::isnan(Report(NoiseKind::kFresh, 0, 1).partials[0].error(0, 0)));
  EXPECT_EQ(Report(NoiseKind::kFresh, 0, 0).trials, 0);
}

TEST(RegimeWindows, LieAtBothEnds) {
  const std::vector<Window> windows = RegimeWindows({1, 3, 9}, 4);
  ASSERT_EQ(windows.size(), 4u);
  EXPECT_EQ(windows[1].first, 0);
  EXPECT_EQ(windows[1].count, 3);
  EXPECT_EQ(windows[3].first, 1);
  EXPECT_EQ(windows[3].count, 3);
  EXPECT_EQ(RegimeWindows({1, 2}, 4, 1)[1].first, 1);
  EXPECT_EQ(RegimeWindows({3}, 4, 2)[0].first, 1);  // moved down to fit
  ExpectError([] { RegimeWindows({0}, 4); }, {"tau is 0"});
  ExpectError([] { PartialOperator(Chain(NoiseKind::kFresh, 0), {2, 3}); }, {"levels 2 to 4"});
}

}  // namespace
}  // namespace denoscope
