#include "denoscope/theory/diffusion/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;  // relative, of powers

TEST(Schedule, KarrasIsEvenInTheSeventhRoot) {
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 18, 80, 0.002, 7});
  ASSERT_EQ(levels.size(), 18);
  EXPECT_EQ(levels(0), 80);
  EXPECT_EQ(levels(17), 0.002);
  const double step = (std::pow(0.002, 1.0 / 7) - std::pow(80.0, 1.0 / 7)) / 17;
  for (Index i = 1; i < 18; ++i)
    EXPECT_NEAR(std::pow(levels(i), 1.0 / 7) - std::pow(levels(i - 1), 1.0 / 7), step, kRounding);
}

TEST(Schedule, GeometricHasOneRatio) {
  const VectorXd levels = NoiseLevels({Schedule::kGeometric, 50, 10, 0.01, 7});
  EXPECT_EQ(levels(0), 10);
  EXPECT_EQ(levels(49), 0.01);
  const double ratio = std::pow(0.001, 1.0 / 49);
  for (Index i = 1; i < 50; ++i) EXPECT_NEAR(levels(i) / levels(i - 1), ratio, kRounding);
}

TEST(Schedule, ConstantVarianceAddsOneVarianceAStepFromCleanData) {
  ScheduleOptions options;
  options.kind = Schedule::kConstantVariance;
  options.levels = 20;
  options.largest = 3;
  const VectorXd levels = NoiseLevels(options);
  EXPECT_EQ(levels(0), 3);
  for (Index i = 0; i < 20; ++i) {
    const double next = i + 1 < 20 ? levels(i + 1) : 0;
    EXPECT_NEAR(levels(i) * levels(i) - next * next, 9.0 / 20, kRounding * 9);
  }
}

TEST(Schedule, NamesGoBothWays) {
  for (const Schedule kind : {Schedule::kKarras, Schedule::kGeometric, Schedule::kConstantVariance})
    EXPECT_EQ(FromName<Schedule>(NameOf(kind)), kind);
  ExpectError([] { FromName<Schedule>("cosine"); }, {"'cosine'", "karras, geometric or constant"});
}

TEST(Schedule, ThrowsOnBadOptions) {
  const auto levels = [](Index n, double largest, double smallest, double rho) {
    return [=] { NoiseLevels({Schedule::kKarras, n, largest, smallest, rho}); };
  };
  ExpectError(levels(1, 80, 0.02, 7), {"levels is 1"});
  ExpectError(levels(9, 0, 0.02, 7), {"largest is 0"});
  ExpectError(levels(9, 80, 0, 7), {"smallest is 0"});
  ExpectError(levels(9, 1, 1, 7), {"smallest is 1", "below largest"});
  ExpectError(levels(9, 80, 0.02, 0), {"rho is 0"});
  ExpectError(levels(9, std::numeric_limits<double>::infinity(), 1, 7), {"largest is inf"});
}

TEST(Schedule, ThrowsOnAListThatDoesNotDecrease) {
  CheckNoiseLevels(Eigen::Vector3d(3, 2, 1));
  ExpectError([] { CheckNoiseLevels(Eigen::Vector3d(3, 3, 1)); },
              {"noise level 1 is 3 after 3", "strictly decreasing"});
  ExpectError([] { CheckNoiseLevels(Eigen::Vector3d(1, 2, 3)); }, {"noise level 1 is 2 after 1"});
  ExpectError([] { CheckNoiseLevels(Eigen::Vector3d(2, 1, 0)); }, {"noise level 2 is 0"});
  ExpectError([] { CheckNoiseLevels(Eigen::Vector2d(2, std::nan(""))); }, {"noise level 1 is nan"});
  ExpectError([] { CheckNoiseLevels(VectorXd::Ones(1)); }, {"1 noise levels", "at least 2"});
}

}  // namespace
}  // namespace denoscope
