#include "denoscope/theory/spiked/marchenko_pastur.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "denoscope/base/error.h"
#include "denoscope/theory/spiked/spiked_simulation.h"

namespace denoscope {
namespace {

using Eigen::Index;

constexpr double kRounding = 1e-12;

class MarchenkoPasturOfAnyRatio : public ::testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Ratios, MarchenkoPasturOfAnyRatio, ::testing::Values(0.01, 0.5, 1.0, 3.0));

// The integral of the density, by the midpoint rule in sqrt(x - a): smooth at the lower edge.
double SlowCdf(const MarchenkoPastur& law, double x) {
  const Index steps = 20000;
  const double root = std::sqrt(x - law.LowerEdge());
  double sum = 0;
  for (Index i = 0; i < steps; ++i) {
    const double s = root * (i + 0.5) / steps;
    sum += law.Density(law.LowerEdge() + s * s) * 2 * s * root / steps;
  }
  return law.AtomAtZero() + sum;
}

TEST_P(MarchenkoPasturOfAnyRatio, CdfIntegratesTheDensity) {
  constexpr double kMidpoint = 1e-6;  // the root at the upper edge: steps^(-3/2)
  const MarchenkoPastur law(GetParam(), 0.7);
  for (const double share : {0.05, 0.4, 0.8, 1.0}) {
    const double x = law.LowerEdge() + share * (law.UpperEdge() - law.LowerEdge());
    EXPECT_NEAR(law.Cdf(x), SlowCdf(law, x), kMidpoint) << share;
  }
}

TEST_P(MarchenkoPasturOfAnyRatio, QuantileInvertsTheCdf) {
  const MarchenkoPastur law(GetParam(), 0.7);
  for (const double share : {0.01, 0.3, 0.9}) {
    const double p = law.AtomAtZero() + share * (1 - law.AtomAtZero());
    EXPECT_NEAR(law.Cdf(law.Quantile(p)), p, 1e3 * kRounding);  // the slope 1/gamma of small gamma
  }
  EXPECT_EQ(law.Quantile(1), law.UpperEdge());
  EXPECT_EQ(law.Quantile(0), GetParam() > 1 ? 0 : law.LowerEdge());
  EXPECT_EQ(law.Cdf(law.UpperEdge()), 1);
  EXPECT_EQ(law.Cdf(-1), 0);
  EXPECT_NEAR(law.Cdf(0), law.AtomAtZero(), kRounding);
}

TEST_P(MarchenkoPasturOfAnyRatio, MeanIsTheVarianceAndSecondMomentKnowsGamma) {
  constexpr double kQuantiles = 1e-4;  // 20000 of them
  const double gamma = GetParam(), variance = 0.49;
  const MarchenkoPastur law(gamma, 0.7);
  double first = 0, second = 0;
  const int count = 20000;
  for (int i = 0; i < count; ++i) {
    const double x = law.Quantile((i + 0.5) / count);
    first += x / count;
    second += x * x / count;
  }
  EXPECT_NEAR(first, variance, kQuantiles);
  EXPECT_NEAR(second, variance * variance * (1 + gamma), kQuantiles * (1 + gamma));
}

TEST(MarchenkoPastur, DescribesTheEigenvaluesOfPureNoise) {
  for (const Index n : {60, 120, 360}) {
    SCOPED_TRACE(n);
    const Index d = 120;
    const Population none = {d, Eigen::VectorXd::Zero(1), n, 7};
    NoisyPcaOptions options;
    options.sigma = 0.5;
    options.whole_bulk = true;
    const Eigen::VectorXd bulk = RunNoisyPcaTrial(none, options, 0).bulk;
    const MarchenkoPastur law(static_cast<double>(d) / static_cast<double>(n - 1), 0.5);
    double distance = 0;
    for (Index i = 0; i < d; ++i) {
      if (bulk(i) == 0) continue;  // within the atom the empirical share is not unique
      distance = std::max(distance, std::abs(law.Cdf(bulk(i)) - (d - i - 0.5) / d));
    }
    EXPECT_LT(distance, 4.0 / d);  // eigenvalues are rigid: off by a few spacings, not by sqrt(d)
    EXPECT_GT(distance, 0);
  }
}

TEST(MarchenkoPastur, IsInfiniteAtZeroOnlyForSquareSamples) {
  EXPECT_TRUE(std::isinf(MarchenkoPastur(1).Density(0)));
  EXPECT_EQ(MarchenkoPastur(0.5).Density(0), 0);
  EXPECT_EQ(MarchenkoPastur(0.5).Density(10), 0);
}

TEST(MarchenkoPastur, ThrowsOnBadInput) {
  EXPECT_THROW(MarchenkoPastur(0), Error);
  EXPECT_THROW(MarchenkoPastur{std::numeric_limits<double>::infinity()}, Error);
  EXPECT_THROW(MarchenkoPastur(1, -1), Error);
  EXPECT_THROW(MarchenkoPastur(1).Quantile(1.5), Error);
}

}  // namespace
}  // namespace denoscope
