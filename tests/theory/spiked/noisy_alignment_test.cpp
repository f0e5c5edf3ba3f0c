#include "denoscope/theory/spiked/noisy_alignment.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;

// cos^2 of mode k in draw i falls as 1/2 - 0.3 log(sigma / half), half = halves[k] times
// exp(offsets[i]): crossings are exact, whatever the grid.
NoisyBases Planted(const std::vector<double>& halves, const std::vector<double>& offsets) {
  NoisyBases bases;
  bases.modes = static_cast<Index>(halves.size());
  bases.options.sigmas = {0.1, 0.2, 0.5, 1, 2};
  for (const double sigma : bases.options.sigmas) {
    std::vector<NoisyBasis> level;
    for (const double offset : offsets) {
      NoisyBasis basis;
      basis.cosines.resize(bases.modes);
      for (Index k = 0; k < bases.modes; ++k) {
        const double half = halves[static_cast<std::size_t>(k)] * std::exp(offset);
        basis.cosines(k) =
            std::sqrt(std::max(0.0, std::min(1.0, 0.5 - 0.15 * std::log(sigma / half))));
      }
      basis.matched = basis.cosines;
      level.push_back(basis);
    }
    bases.bases.push_back(level);
  }
  return bases;
}

// Where the crossing of a mean is the mean of crossings, as here, the jackknife is Student's
// interval.
TEST(AligningLevels, AreTheHalvesWithStudentsInterval) {
  const std::vector<double> offsets = {-0.1, 0.02, 0.08};
  const std::vector<AligningLevel> levels =
      AligningLevels(Planted({0.3, 0.8}, offsets), SquaredCosines);
  ASSERT_EQ(levels.size(), 2u);
  const double reach = 4.303 * StandardDeviation(offsets) / std::sqrt(3.0);
  for (std::size_t k = 0; k < 2; ++k) {
    const double half = k == 0 ? 0.3 : 0.8;
    EXPECT_NEAR(levels[k].crossing.sigma, half, kRounding);  // the offsets sum to 0
    EXPECT_NEAR(levels[k].interval.low, half * std::exp(-reach), kRounding);
    EXPECT_NEAR(levels[k].interval.high, half * std::exp(reach), kRounding);
    EXPECT_EQ(levels[k].crossed, 3);
  }
}

TEST(AligningLevels, SayWhatIsCensored) {
  const std::vector<AligningLevel> levels =
      AligningLevels(Planted({0.01, 1.9, 40}, {-0.2, 0.2}), SquaredCosines);
  EXPECT_EQ(levels[0].crossing.censored, Censoring::kBelow);
  EXPECT_EQ(levels[2].crossing.censored, Censoring::kAbove);
  EXPECT_EQ(levels[0].crossed, 0);
  EXPECT_EQ(levels[1].crossing.censored, Censoring::kNone);
  EXPECT_EQ(levels[1].crossed, 1);  // the other draw crosses above the range: no interval
  EXPECT_TRUE(std::isnan(levels[1].interval.low));
  const std::vector<AligningLevel> single = AligningLevels(Planted({0.3}, {0}), SquaredCosines);
  EXPECT_EQ(single[0].crossed, 1);
  EXPECT_TRUE(std::isnan(single[0].interval.high));
}

TEST(AverageOverDraws, IsMeanAndStandardError) {
  NoisyBases bases = Planted({0.3, 0.8}, {-0.1, 0.02, 0.08});
  const MeanOverDraws sines = AverageOverDraws(bases, Sines);
  for (Index k = 0; k < 2; ++k) {
    std::vector<double> values;
    for (const NoisyBasis& basis : bases.bases[3]) {
      values.push_back(std::sqrt(1 - basis.cosines(k) * basis.cosines(k)));
    }
    EXPECT_NEAR(sines.mean(k, 3), (values[0] + values[1] + values[2]) / 3, kRounding);
    EXPECT_NEAR(sines.error(k, 3), StandardDeviation(values) / std::sqrt(3.0), kRounding);
  }
  EXPECT_TRUE(std::isnan(AverageOverDraws(Planted({1}, {0}), Sines).error(0, 0)));
  EXPECT_THROW(AverageOverDraws(bases, [](const NoisyBasis&) { return VectorXd(3); }), Error);
  EXPECT_THROW(AverageOverDraws(NoisyBases(), Sines), Error);
}

// 40 modes whose halves are sqrt(lambda) within a few per cent, and whose frequency follows lambda
// with scatter: what PCA of images looks like.
struct Case {
  std::vector<double> halves;
  ModeTruth truth;
};
Case ByVariance() {
  RandomStream random(3, "modes");
  Case result;
  for (int k = 0; k < 40; ++k) {
    const double lambda = 2 * std::pow(k + 1.0, -1.2);
    result.truth.lambda.push_back(lambda);
    result.truth.frequency.push_back(std::pow(lambda, -0.5) * std::exp(0.3 * random.Normal()));
    result.halves.push_back(std::sqrt(lambda) * std::exp(0.03 * random.Normal()));
  }
  return result;
}

TEST(RelateAlignment, FindsVarianceBehindFrequency) {
  const Case c = ByVariance();
  const NoisyBases bases = Planted(c.halves, {-0.02, 0.01, 0.01, 0});
  const AlignmentStatistics s = RelateAlignment(bases, SquaredCosines, c.truth, {});
  EXPECT_EQ(s.modes, 40);
  EXPECT_LT(s.rank_frequency, -0.7);
  EXPECT_GT(s.rank_lambda, 0.98);
  EXPECT_NEAR(s.slope, 0.5, 0.03);  // scatter 0.03 over a spread of log lambda of 1.1 / sqrt(40)
  EXPECT_LT(s.frequency_over_modes.low, s.rank_frequency);
  EXPECT_GT(s.frequency_over_modes.high, s.rank_frequency);
  EXPECT_LT(s.frequency_over_modes.high, 0);
  // Given lambda nothing is left: zero lies within the interval over modes.
  EXPECT_LT(s.partial_over_modes.low, 0);
  EXPECT_GT(s.partial_over_modes.high, 0);
  // All modes shift together from draw to draw: no rank changes.
  EXPECT_NEAR(s.frequency_over_draws.high, s.rank_frequency, kRounding);
  EXPECT_NEAR(s.frequency_over_draws.low, s.rank_frequency, kRounding);
}

TEST(RelateAlignment, FindsFrequencyItselfWhereItIsTheCause) {
  Case c = ByVariance();
  for (std::size_t k = 0; k < 40; ++k) c.halves[k] = 1 / c.truth.frequency[k];
  const AlignmentStatistics s =
      RelateAlignment(Planted(c.halves, {0, 0}), SquaredCosines, c.truth, {});
  EXPECT_NEAR(s.rank_frequency, -1, kRounding);
  EXPECT_LT(s.rank_lambda, 0.97);
}

TEST(RelateAlignment, LeavesCensoredModesOutAndCountsThem) {
  const ModeTruth truth = {{5, 4, 3, 2, 1}, {1, 3, 2, 4, 5}};
  const AlignmentStatistics s =
      RelateAlignment(Planted({50, 0.9, 0.7, 0.5, 0.01}, {0, 0}), SquaredCosines, truth, {});
  EXPECT_EQ(s.modes, 3);
  EXPECT_EQ(s.above, 1);
  EXPECT_EQ(s.below, 1);
  EXPECT_NEAR(s.rank_frequency, RankCorrelation({0.9, 0.7, 0.5}, {3, 2, 4}), kRounding);
  const AlignmentStatistics none =
      RelateAlignment(Planted({50, 60}, {0, 0}), SquaredCosines, {{2, 1}, {1, 2}}, {});
  EXPECT_EQ(none.modes, 0);
  EXPECT_TRUE(std::isnan(none.rank_frequency));
  EXPECT_TRUE(std::isnan(none.frequency_over_modes.low));
}

TEST(RelateAlignment, ThrowsOnMisuse) {
  const NoisyBases bases = Planted({0.3, 0.8}, {0, 0});
  EXPECT_THROW(RelateAlignment(bases, SquaredCosines, {{1}, {1}}, {}), Error);
  EXPECT_THROW(RelateAlignment(bases, SquaredCosines, {{1, 0}, {1, 2}}, {}), Error);
  EXPECT_THROW(RelateAlignment(bases, SquaredCosines, {{2, 1}, {1, 2}}, {10, 0}), Error);
}

}  // namespace
}  // namespace denoscope
