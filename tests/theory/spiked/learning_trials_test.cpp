#include "denoscope/theory/spiked/learning_trials.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "denoscope/base/cancel.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;

Population Small() { return {4, Eigen::Vector2d(9, 1), 5000, 2}; }

TEST(Draws, HaveTheVariancesOfThePopulation) {
  const MatrixXd X = DrawClean(Small(), 0), Z = DrawNoise(Small(), 0);
  ASSERT_EQ(X.rows(), 2);
  ASSERT_EQ(Z.rows(), 4);
  // A mean square of 5000 normals is 1 +- 0.02; 4 of those.
  const double relative = 4 * std::sqrt(2.0 / 5000);
  EXPECT_NEAR(X.row(0).squaredNorm() / 5000, 9, 9 * relative);
  EXPECT_NEAR(X.row(1).squaredNorm() / 5000, 1, relative);
  for (int k = 0; k < 4; ++k) EXPECT_NEAR(Z.row(k).squaredNorm() / 5000, 1, relative);
  EXPECT_NEAR(X.row(0).dot(Z.row(0)) / 5000, 0, 4 * 3 / std::sqrt(5000.0));
}

TEST(Draws, DependOnSeedAndTrialAloneAndNotOnTheSpectrum) {
  Population other = Small();
  other.lambda *= 4;
  EXPECT_EQ(DrawClean(Small(), 7), DrawClean(Small(), 7));
  EXPECT_EQ(DrawNoise(Small(), 7), DrawNoise(other, 7));
  EXPECT_EQ(DrawClean(other, 7), MatrixXd(2 * DrawClean(Small(), 7)));
  EXPECT_NE(DrawNoise(Small(), 7), DrawNoise(Small(), 8));
  other.seed = 3;
  EXPECT_NE(DrawNoise(Small(), 7), DrawNoise(other, 7));
}

TEST(TrialSums, AgreeWithTheDefinitions) {
  const std::vector<double> values = {1e6 + 1, 1e6 + 4, 1e6 - 2, 1e6 + 7};
  TrialSums sums;
  double mean = 0, squares = 0;
  for (const double v : values) {
    sums.Add(Eigen::Vector2d(v, -2 * v));
    mean += v / 4;
  }
  for (const double v : values) squares += (v - mean) * (v - mean);
  const TrialMean result = sums.Result();
  const double error = std::sqrt(squares / 3 / 4);
  EXPECT_EQ(result.trials, 4);
  EXPECT_NEAR(result.mean(0), mean, kRounding * mean);
  EXPECT_NEAR(result.error(0), error, kRounding * 1e6);
  EXPECT_NEAR(result.error(1), 2 * error, kRounding * 1e6);
}

TEST(TrialSums, OneTrialHasNoErrorAndNoneNoMean) {
  TrialSums sums;
  EXPECT_THROW(sums.Result(), Error);
  sums.Add(MatrixXd::Ones(1, 2));
  EXPECT_TRUE(std::isnan(sums.Result().error(0, 1)));
  ExpectError([&] { sums.Add(MatrixXd::Ones(2, 1)); }, {"shape (2,1)", "expected (1,2)"});
}

TEST(Trials, ReportTheirProgressAndStopOnRequest) {
  std::vector<std::int64_t> seen, reported;
  const ProgressSink sink = [&](const Progress& p) { reported.push_back(p.done); };
  RunTrials("test", 3, sink, [&](std::int64_t trial) { seen.push_back(trial); });
  EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(reported, (std::vector<std::int64_t>{1, 2, 3}));
  RequestCancel();
  EXPECT_THROW(RunTrials("test", 3, {}, [&](std::int64_t t) { seen.push_back(t); }), Interrupted);
  ClearCancel();
  EXPECT_EQ(seen.size(), 3u);
  EXPECT_THROW(RunTrials("test", 0, {}, [](std::int64_t) {}), Error);
}

TEST(Population, ThrowsOnBadInput) {
  const auto check = [](Population p) { return [p] { p.Check(); }; };
  ExpectError(check({1, VectorXd::Ones(1), 5, 0}), {"d is 1"});
  ExpectError(check({4, VectorXd::Ones(1), 1, 0}), {"n is 1", "at least 2"});
  ExpectError(check({4, VectorXd::Ones(5), 9, 0}), {"5 eigenvalues", "1 to d = 4"});
  ExpectError(check({4, VectorXd(), 9, 0}), {"0 eigenvalues"});
  ExpectError(check({4, Eigen::Vector2d(1, 2), 9, 0}), {"eigenvalue 1 is 2", "descending"});
  ExpectError(check({4, Eigen::Vector2d(1, -1), 9, 0}), {"eigenvalue 1 is -1"});
}

}  // namespace
}  // namespace denoscope
