#include "denoscope/data/noise.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace denoscope {
namespace {

TEST(StandardNoise, HasTheMomentsOfAStandardNormal) {
  constexpr std::int64_t kSamples = 400000;
  constexpr double kSigmas = 4;
  const torch::Tensor z = StandardNoise({kSamples}, 3, "moments").to(torch::kFloat64);
  const double n = kSamples;
  EXPECT_NEAR(z.mean().item<double>(), 0, kSigmas * std::sqrt(1 / n));
  EXPECT_NEAR(z.square().mean().item<double>(), 1, kSigmas * std::sqrt(2 / n));
  EXPECT_NEAR(z.pow(3).mean().item<double>(), 0, kSigmas * std::sqrt(15 / n));
  EXPECT_NEAR(z.pow(4).mean().item<double>(), 3, kSigmas * std::sqrt(96 / n));
}

TEST(StandardNoise, IsTheSameForTheSameStream) {
  const torch::Tensor z = StandardNoise({2, 3, 4, 5}, 1, "cell/3/0", 7);
  EXPECT_EQ(z.sizes(), at::IntArrayRef({2, 3, 4, 5}));
  EXPECT_EQ(z.scalar_type(), torch::kFloat32);
  at::randn({10});  // Torch's own generator is not the stream's
  EXPECT_TRUE(torch::equal(z, StandardNoise({2, 3, 4, 5}, 1, "cell/3/0", 7)));
}

TEST(StandardNoise, StreamsOfOtherSeedNameOrIndexAreUncorrelated) {
  constexpr std::int64_t kSamples = 100000;
  const torch::Tensor z = StandardNoise({kSamples}, 1, "a", 0);
  for (const torch::Tensor& other : {StandardNoise({kSamples}, 2, "a", 0),
                                     StandardNoise({kSamples}, 1, "b", 0),
                                     StandardNoise({kSamples}, 1, "a", 1)}) {
    // The mean product of independent normals has standard error 1/sqrt(n); four of them.
    EXPECT_NEAR((z * other).mean().item<double>(), 0, 4 / std::sqrt(double{kSamples}));
  }
}

}  // namespace
}  // namespace denoscope
