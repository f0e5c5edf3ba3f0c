#include "denoscope/image/quality.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

namespace denoscope {
namespace {

TEST(Quality, SquaredErrorsAreMeansOverAnImage) {
  const torch::Tensor clean = torch::zeros({3, 2, 4, 5});
  torch::Tensor estimate = clean.clone();
  estimate[0].fill_(0.5);
  estimate[1][0][0][0] = -2;
  const torch::Tensor errors = SquaredErrors(estimate, clean);
  ASSERT_EQ(errors.sizes(), (std::vector<std::int64_t>{3}));
  EXPECT_EQ(errors.scalar_type(), torch::kFloat64);
  EXPECT_DOUBLE_EQ(errors[0].item<double>(), 0.25);
  EXPECT_DOUBLE_EQ(errors[1].item<double>(), 4.0 / 40);
  EXPECT_EQ(errors[2].item<double>(), 0);
  EXPECT_DOUBLE_EQ(Mse(estimate, clean), (0.25 + 0.1) / 3);
}

// Squares of float32 differences, summed in float64: a million of 1e-4 are 1e-8 on average.
TEST(Quality, MeansDoNotLoseDigits) {
  const torch::Tensor clean = torch::zeros({1, 1, 1000, 1000});
  EXPECT_NEAR(Mse(clean + 1e-4F, clean), 1e-8, 1e-14);
}

TEST(Quality, PsnrIsOfPeakOne) {
  EXPECT_DOUBLE_EQ(PsnrDb(1), 0);
  EXPECT_DOUBLE_EQ(PsnrDb(0.01), 20);
  EXPECT_NEAR(PsnrDb(25.0 * 25 / (255 * 255)), 20.172, 1e-3);  // noise of 25 in 255 levels
  EXPECT_EQ(PsnrDb(0), std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace denoscope
