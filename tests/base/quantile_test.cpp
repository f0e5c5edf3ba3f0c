#include "denoscope/base/quantile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

constexpr double kRounding = 1e-12;  // a few operations on numbers of order 10

TEST(Quantile, InterpolatesLinearlyAsNumPyDoes) {
  const std::vector<double> x = {40, 10, 30, 20};  // position q * 3 in 10, 20, 30, 40
  EXPECT_EQ(Quantile(x, 0), 10);
  EXPECT_EQ(Quantile(x, 1), 40);
  EXPECT_NEAR(Quantile(x, 0.5), 25, kRounding);
  EXPECT_NEAR(Quantile(x, 0.1), 13, kRounding);
  EXPECT_NEAR(Quantile(x, 0.75), 32.5, kRounding);
  EXPECT_EQ(Quantile({7}, 0.3), 7);
  EXPECT_TRUE(std::isnan(Quantile({}, 0.5)));
  EXPECT_TRUE(std::isnan(Quantile({1, std::numeric_limits<double>::quiet_NaN()}, 0.5)));
  EXPECT_THROW(Quantile(x, 1.5), Error);
}

}  // namespace
}  // namespace denoscope
