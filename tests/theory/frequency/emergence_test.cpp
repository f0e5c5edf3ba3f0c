#include "denoscope/theory/frequency/emergence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Doubles = std::vector<double>;

constexpr double kRounding = 1e-12;  // a dozen operations on numbers of order 1
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

const Doubles kSigmas = {0.02, 0.1, 0.3, 1, 4};

void ExpectCensored(const Doubles& values, Censoring expected) {
  const Crossing crossing = LastFall(kSigmas, values, 0.5);
  EXPECT_EQ(NameOf(crossing.censored), NameOf(expected));
  EXPECT_TRUE(std::isnan(crossing.sigma));
}

TEST(LastFall, IsExactWhereTheCurveIsLinearInLogSigma) {
  for (const double half : {0.021, 0.1, 0.25, 1.7}) {
    Doubles values;
    for (const double sigma : kSigmas) values.push_back(0.5 - 0.3 * std::log(sigma / half));
    const Crossing crossing = LastFall(kSigmas, values, 0.5);
    EXPECT_EQ(crossing.censored, Censoring::kNone);
    EXPECT_NEAR(crossing.sigma, half, kRounding);
  }
}

TEST(LastFall, InterpolatesOverLogSigma) {
  // From 0.75 at 0.1 to 0.25 at 0.3: half way in log sigma, the geometric mean.
  const Crossing crossing = LastFall(kSigmas, {0.9, 0.75, 0.25, 0.1, 0}, 0.5);
  EXPECT_NEAR(crossing.sigma, std::sqrt(0.1 * 0.3), kRounding);
}

TEST(LastFall, CensorsWhatLiesOutsideTheRange) {
  ExpectCensored({0.4, 0.3, 0.2, 0.1, 0}, Censoring::kBelow);
  ExpectCensored({1, 0.9, 0.8, 0.7, 0.6}, Censoring::kAbove);
  ExpectCensored({0.1, 0.2, 0.3, 0.4, 0.6}, Censoring::kAbove);
  ExpectCensored({1, 0.2, 0.3, 0.4, 0.5}, Censoring::kAbove);  // equal counts as above
}

TEST(LastFall, HasNoReadingOfWhatIsNotFinite) {
  ExpectCensored({1, 0.9, kNan, 0.2, 0.1}, Censoring::kNoCrossing);
  ExpectCensored({1, 0.9, 0.8, 0.7, kNan}, Censoring::kNoCrossing);
  ExpectCensored({kInfinity, 0.2, 0.1, 0, 0}, Censoring::kNoCrossing);
}

TEST(LastFall, TakesTheLastOfSeveral) {
  const Crossing twice = LastFall(kSigmas, {0.9, 0.1, 0.75, 0.25, 0}, 0.5);
  EXPECT_EQ(twice.censored, Censoring::kNone);
  EXPECT_NEAR(twice.sigma, std::sqrt(0.3 * 1), kRounding);
  const Crossing rises_first = LastFall(kSigmas, {0.1, 0.75, 0.25, 0.2, 0}, 0.5);
  EXPECT_EQ(rises_first.censored, Censoring::kNone);
  EXPECT_NEAR(rises_first.sigma, std::sqrt(0.1 * 0.3), kRounding);
}

TEST(LastFall, AValueAtTheThresholdCrossesThere) {
  EXPECT_EQ(LastFall(kSigmas, {1, 0.8, 0.5, 0.3, 0}, 0.5).sigma, 0.3);
  EXPECT_EQ(LastFall({0.2}, {0.5}, 0.5).censored, Censoring::kAbove);
  EXPECT_EQ(LastFall({0.2}, {0.4}, 0.5).censored, Censoring::kBelow);
}

TEST(LastFall, ThrowsOnMisuse) {
  EXPECT_THROW(LastFall({0.1, 0.2}, {1}, 0.5), Error);
  EXPECT_THROW(LastFall({}, {}, 0.5), Error);
  EXPECT_THROW(LastFall({0.2, 0.1}, {1, 0}, 0.5), Error);
  EXPECT_THROW(LastFall({0.1, 0.1}, {1, 0}, 0.5), Error);
  EXPECT_THROW(LastFall({0, 0.1}, {1, 0}, 0.5), Error);
  EXPECT_THROW(LastFall({0.1, 0.2}, {1, 0}, kNan), Error);
}

TEST(RankCorrelation, KnownAnswers) {
  EXPECT_NEAR(RankCorrelation({1, 2, 3, 4}, {1, 8, 27, 64}), 1, kRounding);
  EXPECT_NEAR(RankCorrelation({1, 2, 3, 4}, {5, 4, 2, -1}), -1, kRounding);
  // One swap of neighbours among five: 1 - 6 * 2 / (5 * 24).
  EXPECT_NEAR(RankCorrelation({1, 2, 3, 4, 5}, {1, 3, 2, 4, 5}), 0.9, kRounding);
}

TEST(RankCorrelation, TiesShareTheirMeanRank) {
  // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
  EXPECT_NEAR(RankCorrelation({1, 2, 2, 3}, {1, 2, 3, 4}), std::sqrt(0.9), kRounding);
  // Ranks 1.5, 1.5, 3.5, 3.5 against 1.5, 3.5, 1.5, 3.5.
  EXPECT_NEAR(RankCorrelation({0, 0, 1, 1}, {0, 1, 0, 1}), 0, kRounding);
}

TEST(RankCorrelation, DegenerateInputGivesNan) {
  EXPECT_TRUE(std::isnan(RankCorrelation({1, 2}, {1, 2})));
  EXPECT_TRUE(std::isnan(RankCorrelation({0.1, 0.1, 0.1}, {1, 2, 3})));
  EXPECT_TRUE(std::isnan(RankCorrelation({1, kNan, 3}, {1, 2, 3})));
  EXPECT_THROW(RankCorrelation({1, 2, 3}, {1, 2}), Error);
}

// Residuals of y regressed on x, both lists of ranks.
Doubles Residuals(const Doubles& x, const Doubles& y) {
  const double slope = Slope(x, y);
  double offset = 0;
  for (std::size_t i = 0; i < x.size(); ++i) offset += (y[i] - slope * x[i]) / x.size();
  Doubles residuals;
  for (std::size_t i = 0; i < x.size(); ++i) residuals.push_back(y[i] - slope * x[i] - offset);
  return residuals;
}

TEST(PartialRankCorrelation, IsTheCorrelationOfRankResiduals) {
  const Doubles a = {2, 1, 4, 3, 6, 5, 7}, b = {1, 3, 2, 5, 4, 7, 6}, c = {1, 2, 3, 4, 5, 6, 7};
  const Doubles residual_a = Residuals(c, a), residual_b = Residuals(c, b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += residual_a[i] * residual_b[i];
    aa += residual_a[i] * residual_a[i];
    bb += residual_b[i] * residual_b[i];
  }
  EXPECT_NEAR(PartialRankCorrelation(a, b, c), ab / std::sqrt(aa * bb), kRounding);
}

TEST(PartialRankCorrelation, SeesThroughACommonCause) {
  RandomStream random(17, "common cause");
  Doubles a, b, c;
  const int n = 2000;
  for (int i = 0; i < n; ++i) {
    c.push_back(random.Normal());
    a.push_back(c.back() + 0.5 * random.Normal());
    b.push_back(c.back() + 0.5 * random.Normal());
  }
  EXPECT_GT(RankCorrelation(a, b), 0.7);
  // Standard error 1/sqrt(n) = 0.022, four of them; ranks of normal data are not quite linear in
  // one another, which adds at most 0.02.
  EXPECT_LT(std::abs(PartialRankCorrelation(a, b, c)), 4 / std::sqrt(n) + 0.02);
}

TEST(PartialRankCorrelation, IsNanWhenTheThirdDeterminesEither) {
  const Doubles a = {1, 2, 3, 4, 5}, b = {2, 1, 4, 3, 5};
  EXPECT_TRUE(std::isnan(PartialRankCorrelation(a, b, a)));
  EXPECT_TRUE(std::isnan(PartialRankCorrelation(b, a, {-1, -2, -3, -4, -5})));
  EXPECT_TRUE(std::isnan(PartialRankCorrelation(a, b, {1, 1, 1, 1, 1})));
  EXPECT_THROW(PartialRankCorrelation(a, b, {1, 2}), Error);
}

TEST(Slope, OfALineAndOfALeastSquaresFit) {
  EXPECT_NEAR(Slope({1, 2, 4, 8}, {3, 2.5, 1.5, -0.5}), -0.5, kRounding);
  EXPECT_NEAR(Slope({0, 1, 2}, {0, 2, 1}), 0.5, kRounding);
  EXPECT_EQ(Slope({0, 1, 2}, {7, 7, 7}), 0);
  EXPECT_TRUE(std::isnan(Slope({0.1, 0.1, 0.1}, {1, 2, 3})));
  EXPECT_TRUE(std::isnan(Slope({0, 1}, {0, 1})));
  EXPECT_THROW(Slope({0, 1, 2}, {0, 1}), Error);
}

TEST(StandardDeviation, DividesByOneLessThanTheCount) {
  EXPECT_NEAR(StandardDeviation({2, 4, 4, 4, 5, 5, 7, 9}), std::sqrt(32.0 / 7), kRounding);
  EXPECT_EQ(StandardDeviation({3, 3}), 0);
  EXPECT_TRUE(std::isnan(StandardDeviation({3})));
}

TEST(PercentileInterval, CutsEqualTailsAndLeavesNanOut) {
  Doubles replicates;
  for (int i = 100; i >= 0; --i) replicates.push_back(i);
  replicates.push_back(kNan);
  const Interval interval = PercentileInterval(replicates);
  EXPECT_NEAR(interval.low, 2.5, kRounding * 100);
  EXPECT_NEAR(interval.high, 97.5, kRounding * 100);
  EXPECT_NEAR(PercentileInterval(replicates, 0.5).low, 25, kRounding * 100);
}

TEST(PercentileInterval, NeedsTwentyReplicates) {
  Doubles replicates(19, 1.0);
  replicates.push_back(kNan);
  EXPECT_TRUE(std::isnan(PercentileInterval(replicates).low));
  EXPECT_TRUE(std::isnan(PercentileInterval(replicates).high));
  replicates.push_back(1.0);
  EXPECT_EQ(PercentileInterval(replicates).low, 1);
  EXPECT_THROW(PercentileInterval(replicates, 95), Error);
}

}  // namespace
}  // namespace denoscope
