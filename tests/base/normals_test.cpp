#include "denoscope/base/normals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/normal_moments.h"

namespace denoscope {
namespace {

constexpr std::size_t kCount = 1000000;
constexpr double kSigmas = 5;  // of one fixed seed; by chance 6e-7 each

std::vector<float> Draw(std::size_t count, std::uint64_t index = 0) {
  RandomStream random(1, "normals", index);
  std::vector<float> values(count);
  FillNormals(random, values.data(), count);
  return values;
}

TEST(FillNormals, HasTheMomentsOfANormal) {
  const std::vector<float> values = Draw(kCount);
  std::size_t i = 0;
  ExpectMomentsOfNormal([&] { return values[i++]; }, kCount, kSigmas);
}

// Kolmogorov's distance is below 2.2/sqrt(n) in all but 1e-4 of cases. A layer of the wrong area,
// one of 128, moves the distribution function by up to 1/128 of itself: 3.5 times the bound.
TEST(FillNormals, HasTheDistributionOfANormal) {
  std::vector<float> values = Draw(kCount);
  std::sort(values.begin(), values.end());
  double distance = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    const double expected = 0.5 * std::erfc(-values[i] / std::sqrt(2.0));
    distance = std::max(distance, std::abs(expected - (i + 0.5) / kCount));
  }
  EXPECT_LT(distance, 2.2 / std::sqrt(double{kCount}));
}

// Beyond 3.4426 values come from the tail's own method: its share and its mean excess.
TEST(FillNormals, HasTheTailOfANormal) {
  constexpr double kEdge = 3.442619855899;
  const double share = std::erfc(kEdge / std::sqrt(2.0));
  const double density = std::exp(-0.5 * kEdge * kEdge) / std::sqrt(std::acos(-1.0) / 2);
  double beyond = 0, sum = 0, sum_squares = 0;
  for (std::uint64_t index = 0; index < 4; ++index) {
    for (const double x : Draw(kCount, index)) {
      if (std::abs(x) <= kEdge) continue;
      beyond += 1;
      sum += std::abs(x);
      sum_squares += x * x;
    }
  }
  EXPECT_NEAR(beyond, 4 * kCount * share, kSigmas * std::sqrt(4 * kCount * share));
  const double mean = sum / beyond, variance = sum_squares / beyond - mean * mean;
  EXPECT_NEAR(mean, density / share, kSigmas * std::sqrt(variance / beyond));
}

// Two values come of one word: they must not know of each other.
TEST(FillNormals, NeighboursAreUncorrelated) {
  const std::vector<float> x = Draw(kCount + 1);
  double product = 0, squares = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    product += double{x[i]} * x[i + 1] / kCount;
    squares += (double{x[i]} * x[i] - 1) * (double{x[i + 1]} * x[i + 1] - 1) / kCount;
  }
  EXPECT_NEAR(product, 0, kSigmas * std::sqrt(1.0 / kCount));
  EXPECT_NEAR(squares, 0, kSigmas * std::sqrt(4.0 / kCount));
}

TEST(FillNormals, SameStreamSameValues) {
  EXPECT_EQ(Draw(1001), Draw(1001));
  EXPECT_NE(Draw(1001), Draw(1001, 1));
}

}  // namespace
}  // namespace denoscope
