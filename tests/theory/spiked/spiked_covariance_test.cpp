#include "denoscope/theory/spiked/spiked_covariance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "denoscope/base/error.h"
#include "denoscope/theory/spiked/marchenko_pastur.h"
#include "denoscope/theory/spiked/spiked_simulation.h"

namespace denoscope {
namespace {

constexpr double kRounding = 1e-12;

class SpikeOfAnyRatio : public ::testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Ratios, SpikeOfAnyRatio, ::testing::Values(0.01, 1.0 / 3, 1.0, 2.0, 50.0));

TEST_P(SpikeOfAnyRatio, TransitionIsContinuousAndAtTheEdgeOfTheBulk) {
  const double gamma = GetParam(), threshold = VisibleStrength(gamma);
  const double edge = MarchenkoPastur(gamma).UpperEdge();
  EXPECT_NEAR(SpikeEigenvalue(threshold, gamma), edge, kRounding * edge);
  EXPECT_EQ(SpikeEigenvalue(0, gamma), SpikeEigenvalue(threshold, gamma));
  EXPECT_EQ(SpikeAlignment(threshold, gamma), 0);
  EXPECT_EQ(SpikeAlignment(0, gamma), 0);
  EXPECT_GT(SpikeAlignment(1.001 * threshold, gamma), 0);
  EXPECT_LT(SpikeAlignment(1.001 * threshold, gamma), 0.01);
  EXPECT_GT(SpikeEigenvalue(1.01 * threshold, gamma), SpikeEigenvalue(threshold, gamma));
}

TEST_P(SpikeOfAnyRatio, LevelsOfNoiseAreTheStrengthsInOtherWords) {
  const double gamma = GetParam(), lambda = 3;
  const double critical = CriticalSigma(lambda, gamma), aligning = AligningSigma(lambda, gamma);
  EXPECT_NEAR(SpikeAlignment(AligningStrength(gamma), gamma), 0.5, kRounding);
  EXPECT_NEAR(lambda / (critical * critical), VisibleStrength(gamma), kRounding * (1 + gamma));
  EXPECT_NEAR(lambda / (aligning * aligning), AligningStrength(gamma), kRounding * (1 + gamma));
  EXPECT_LT(aligning, critical);
}

TEST_P(SpikeOfAnyRatio, DebiasingInvertsTheEigenvalue) {
  const double gamma = GetParam();
  for (const double factor : {1.001, 1.5, 10.0, 1e4}) {
    const double t = factor * VisibleStrength(gamma);
    constexpr double kSteep = 1e-9;  // dL/dt is 0 at the threshold
    EXPECT_NEAR(DebiasedStrength(SpikeEigenvalue(t, gamma), gamma), t, kSteep * t);
  }
  EXPECT_EQ(DebiasedStrength(0, gamma), 0);
  EXPECT_EQ(DebiasedStrength(SpikeEigenvalue(0, gamma), gamma), 0);
}

TEST(Spiked, EstimatedGainHasTheLeastError) {
  const EstimatedDirection direction = {4, 0.6};
  const double best = EstimatedGain(4, 0.6), least = GainError(best, direction);
  for (const double other : {best - 0.01, best + 0.01, WienerGain(4), 1.0}) {
    EXPECT_GT(GainError(other, direction), least) << other;
  }
  EXPECT_LT(best, WienerGain(4));
  EXPECT_DOUBLE_EQ(EstimatedGain(4, 1), WienerGain(4));
  EXPECT_DOUBLE_EQ(GainError(WienerGain(4), {4, 1}), WienerGain(4));  // MSE = sigma^2 tr J
}

// The record's checked points: 0.503 against 0.500; 0.788 +- 0.003 against 0.786.
TEST(Spiked, AgreesWithSimulation) {
  struct Case {
    std::int64_t n;
    double lambda, sigma;
  };
  for (const Case& c : {Case{200, 2, 1}, Case{600, 4, std::sqrt(2)}}) {
    SCOPED_TRACE(c.n);
    const Population population = {200, Eigen::VectorXd::Constant(1, c.lambda), c.n, 3};
    NoisyPcaOptions options;
    options.sigma = c.sigma;
    options.trials = 40;
    const NoisyPca found = SimulateNoisyPca(population, options);
    const double gamma = 200.0 / static_cast<double>(c.n - 1), t = c.lambda / (c.sigma * c.sigma);
    constexpr double kStandardErrors = 4, kFiniteSize = 4.0 / 200;  // 40 trials
    const double c2 = SpikeAlignment(t, gamma), L = c.sigma * c.sigma * SpikeEigenvalue(t, gamma);
    EXPECT_NEAR(found.cos2.mean(0), c2, kStandardErrors * found.cos2.error(0) + kFiniteSize * c2);
    EXPECT_NEAR(found.eigenvalues.mean(0),
                L,
                kStandardErrors * found.eigenvalues.error(0) + kFiniteSize * L);
    EXPECT_LT(found.cos2.error(0), 0.02);
  }
}

TEST(Spiked, ThrowsOnBadInput) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(VisibleStrength(0), Error);
  EXPECT_THROW(AligningStrength(nan), Error);
  EXPECT_THROW(SpikeAlignment(-1, 1), Error);
  EXPECT_THROW(SpikeEigenvalue(nan, 1), Error);
  EXPECT_THROW(CriticalSigma(-1, 1), Error);
  EXPECT_THROW(AligningSigma(1, -1), Error);
  EXPECT_THROW(DebiasedStrength(-1, 1), Error);
  EXPECT_THROW(WienerGain(-1), Error);
  EXPECT_THROW(EstimatedGain(1, 1.5), Error);
  EXPECT_THROW(GainError(1, {-1, 0.5}), Error);
}

}  // namespace
}  // namespace denoscope
