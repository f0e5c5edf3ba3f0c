#include "denoscope/theory/optimal/kappa.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/theory/optimal/learned_denoisers.h"
#include "denoscope/theory/optimal/wiener.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;

VectorXd PowerLaw(Index d) {
  VectorXd lambda(d);
  for (Index j = 0; j < d; ++j) lambda(j) = 4 * std::pow(j + 1.0, -1.2);
  return lambda;
}

LearnedDenoisers Simulate(Learning method, std::int64_t n) {
  LearningOptions options;
  options.method = method;
  options.sigmas = Eigen::Vector2d(0.15, 0.6);
  options.trials = 40;
  return SimulateLearning({80, PowerLaw(80), n, 9}, options);
}

// 40 trials; the limits are off by about 1/d relative, the errors of fresh samples less so.
constexpr double kStandardErrors = 4;
constexpr double kFiniteSize = 0.5 / 80;

void ExpectAgreement(const LearnedDenoisers& found, Index i, const LearnedDenoiser& theory) {
  SCOPED_TRACE(testing::Message() << "n " << found.n << ", sigma " << found.options.sigmas(i));
  EXPECT_NEAR(found.mse.mean(i),
              theory.mse,
              kStandardErrors * found.mse.error(i) + kFiniteSize * theory.mse);
  EXPECT_NEAR(found.belief.mean(i),
              theory.belief,
              kStandardErrors * found.belief.error(i) + kFiniteSize * theory.belief);
  EXPECT_NEAR(found.mmse(i), theory.mmse, kRounding * theory.mmse);
  for (const Index k : {0, 3, 20, 60}) {
    EXPECT_NEAR(found.gains.mean(k, i),
                theory.gains(k),
                kStandardErrors * found.gains.error(k, i) + 2 * kFiniteSize)
        << "mode " << k;
  }
}

TEST(EffectiveNoise, SolvesItsEquationAndIsNeverLessThanTheNoise) {
  const VectorXd lambda = PowerLaw(80);
  for (const std::int64_t n : {10, 80, 1000}) {
    for (const double sigma : {1e-3, 0.1, 3.0}) {
      const double kappa = EffectiveNoise({lambda, sigma, n, false}), variance = sigma * sigma;
      const double df1 = (lambda.array() / (lambda.array() + kappa)).sum();
      EXPECT_GT(kappa, variance);
      // A subtraction of two numbers of size kappa.
      EXPECT_NEAR(kappa * (1 - df1 / static_cast<double>(n)), variance, kRounding * kappa);
    }
  }
  EXPECT_EQ(EffectiveNoise({VectorXd::Zero(3), 0.5, 10, true}), 0.25);
  EXPECT_EQ(EffectiveNoise({lambda, 0.5, 10, false}), EffectiveNoise({lambda, 0.5, 11, true}));
}

TEST(PlugInTheory, ManySamplesGiveTheWienerDenoiser) {
  const LearnedDenoiser result = PlugInTheory({PowerLaw(80), 0.3, 100000000, true});
  constexpr double kSamples = 1e-5;  // d/n and its multiples
  const VectorXd wiener = WienerGains(PowerLaw(80), 0.3);
  EXPECT_LT((result.gains - wiener).cwiseAbs().maxCoeff(), kSamples);
  EXPECT_NEAR(result.mse, result.mmse, kSamples * result.mmse);
  EXPECT_NEAR(result.belief, result.mmse, kSamples * result.mmse);
  EXPECT_DOUBLE_EQ(result.mmse, 80 * WienerMse(PowerLaw(80), 0.3));
}

TEST(PlugInTheory, AgreesWithSimulation) {
  for (const std::int64_t n : {40, 80, 240}) {
    const LearnedDenoisers found = Simulate(Learning::kPlugIn, n);
    for (Index i = 0; i < 2; ++i) {
      const LearnedDenoiser theory = PlugInTheory({PowerLaw(80), found.options.sigmas(i), n, true});
      ExpectAgreement(found, i, theory);
      EXPECT_LT(theory.belief, theory.mmse);  // over-confident
      EXPECT_GT(theory.mse, theory.mmse);
    }
  }
}

TEST(PlugInTheory, TellsTheGainFromTheNaiveOne) {
  const LearnedDenoisers found = Simulate(Learning::kPlugIn, 80);
  const LearnedDenoiser theory = PlugInTheory({PowerLaw(80), 0.15, 80, true});
  const double naive = WienerGains(PowerLaw(80), 0.15)(20);
  EXPECT_GT(std::abs(naive - found.gains.mean(20, 0)),
            5 * std::abs(theory.gains(20) - found.gains.mean(20, 0)));
}

TEST(RegressionTheory, AgreesWithSimulation) {
  for (const std::int64_t n : {40, 120, 240}) {
    const LearnedDenoisers found = Simulate(Learning::kRegression, n);
    for (Index i = 0; i < 2; ++i) {
      const double sigma = found.options.sigmas(i);
      ExpectAgreement(found, i, RegressionTheory({PowerLaw(80), sigma, n, true}));
    }
  }
}

TEST(RegressionTheory, KnowsWhereThereIsNoMean) {
  for (const std::int64_t n : {80, 81, 82}) {  // one less counts
    EXPECT_TRUE(std::isinf(RegressionTheory({PowerLaw(80), 0.3, n, true}).mse)) << n;
  }
  EXPECT_TRUE(std::isfinite(RegressionTheory({PowerLaw(80), 0.3, 79, true}).mse));
  EXPECT_TRUE(std::isfinite(RegressionTheory({PowerLaw(80), 0.3, 83, true}).mse));
  EXPECT_EQ(RegressionTheory({PowerLaw(80), 0.3, 83, true}).kappa, 0);
}

TEST(RegressionTheory, ImplicitRidgeSolvesItsEquation) {
  const VectorXd lambda = PowerLaw(80);
  const double kappa = RegressionTheory({lambda, 0.3, 30, false}).kappa;
  const Eigen::ArrayXd noisy = lambda.array() + 0.09;
  EXPECT_NEAR((noisy / (noisy + kappa)).sum(), 30, 1e3 * kRounding);
}

// Gains and errors by mode of plug-in denoisers, by their definition: D = x_mean + J (y - x_mean).
struct ByMode {
  TrialMean gain, error;  // (d,1)
};

ByMode SimulateModes(const VectorXd& lambda, double sigma, std::int64_t n, std::int64_t trials) {
  const Index d = lambda.size();
  TrialSums gains, errors;
  for (std::int64_t trial = 0; trial < trials; ++trial) {
    MatrixXd X = DrawClean({d, lambda, n, 11}, trial);
    const VectorXd mean = X.rowwise().mean();
    X.colwise() -= mean;
    const MatrixXd S = X * X.transpose() / static_cast<double>(n - 1);
    const MatrixXd noisy = S + sigma * sigma * MatrixXd::Identity(d, d);
    const MatrixXd J = noisy.ldlt().solve(S), missed = MatrixXd::Identity(d, d) - J;
    gains.Add(J.diagonal());
    errors.Add(missed.cwiseAbs2() * lambda + (missed * mean).cwiseAbs2() +
               sigma * sigma * J.rowwise().squaredNorm());
  }
  return {gains.Result(), errors.Result()};
}

TEST(PlugInTheory, ErrorsOfModesAddUpAndAgreeWithSimulation) {
  for (const std::int64_t n : {40, 80, 240}) {
    const LearnedDenoiser theory = PlugInTheory({PowerLaw(80), 0.3, n, true});
    EXPECT_NEAR(theory.mode_mse.sum(), theory.mse, kRounding * theory.mse);
    const ByMode found = SimulateModes(PowerLaw(80), 0.3, n, 200);
    for (const Index k : {0, 1, 3, 10, 20, 60})
      EXPECT_NEAR(found.error.mean(k),
                  theory.mode_mse(k),
                  kStandardErrors * found.error.error(k) + 2 * kFiniteSize * theory.mode_mse(k))
          << "n " << n << ", mode " << k;
  }
}

// At the level foretold the mean over trials is 1/2: gains at the first one, errors at the second.
TEST(HalvesOfPlugIn, ModesHalveWhereForetold) {
  const VectorXd lambda = PowerLaw(80);
  for (const std::int64_t n : {40, 240}) {
    const PlugInHalves halves = HalvesOfPlugIn({lambda, 1, n, true});
    for (const Index k : {1, 3, 10}) {
      SCOPED_TRACE(testing::Message() << "n " << n << ", mode " << k);
      ASSERT_GT(halves.gain(k), 0);
      const ByMode gain = SimulateModes(lambda, halves.gain(k), n, 200);
      EXPECT_NEAR(gain.gain.mean(k), 0.5, kStandardErrors * gain.gain.error(k) + kFiniteSize);
      if (halves.resolved(k) == 0) continue;
      const ByMode resolved = SimulateModes(lambda, halves.resolved(k), n, 200);
      EXPECT_NEAR(1 - resolved.error.mean(k) / lambda(k),
                  0.5,
                  kStandardErrors * resolved.error.error(k) / lambda(k) + kFiniteSize);
      EXPECT_LT(halves.resolved(k), std::sqrt(lambda(k)));
    }
  }
}

TEST(HalvesOfPlugIn, AreThoseOfTheTheoryAtOneLevel) {
  const VectorXd lambda = PowerLaw(80);
  constexpr double kBisection = 1e-9;
  for (const std::int64_t n : {10, 40, 240, 100000}) {
    const PlugInHalves halves = HalvesOfPlugIn({lambda, 1, n, true});
    for (Index k = 0; k < 80 && halves.gain(k) > 0; ++k)
      EXPECT_NEAR(PlugInTheory({lambda, halves.gain(k), n, true}).gains(k), 0.5, kBisection);
    for (Index k = 0; k < 80 && halves.resolved(k) > 0; ++k)
      EXPECT_NEAR(PlugInTheory({lambda, halves.resolved(k), n, true}).mode_mse(k) / lambda(k),
                  0.5,
                  kBisection);
  }
}

// Ten samples never show half of the weak modes; with many, all halve at Wiener's sqrt(lambda).
TEST(HalvesOfPlugIn, FewSamplesNeverHalveWeakModes) {
  const VectorXd lambda = PowerLaw(80);
  const PlugInHalves few = HalvesOfPlugIn({lambda, 1, 10, true});
  EXPECT_GT(few.gain(0), 0);
  EXPECT_GT(few.resolved(0), 0);
  for (const double level : {few.gain(79), few.resolved(79)}) EXPECT_EQ(level, 0);
  for (const double sigma : {1e-3, 0.1, 1.0, 10.0})
    EXPECT_LT(PlugInTheory({lambda, sigma, 10, true}).gains(79), 0.5);
  const PlugInHalves many = HalvesOfPlugIn({lambda, 1, 100000000, true});
  for (const VectorXd& levels : {many.gain, many.resolved})
    EXPECT_LT((levels.array() / lambda.array().sqrt() - 1).abs().maxCoeff(), 1e-5);
}

TEST(HalvesOfPlugIn, AModeWithoutVarianceNeverHalves) {
  const PlugInHalves halves = HalvesOfPlugIn({Eigen::Vector2d(1, 0), 1, 50, true});
  EXPECT_GT(halves.gain(0), 0.9);
  EXPECT_EQ(halves.gain(1), 0);
  EXPECT_EQ(halves.resolved(1), 0);
}

TEST(LearningProblem, ThrowsOnBadInput) {
  EXPECT_THROW(PlugInTheory({VectorXd(), 1, 10, true}), Error);
  EXPECT_THROW(PlugInTheory({-PowerLaw(3), 1, 10, true}), Error);
  EXPECT_THROW(RegressionTheory({PowerLaw(3), 0, 10, true}), Error);
  EXPECT_THROW(RegressionTheory({PowerLaw(3), 1, 1, true}), Error);
  EXPECT_THROW(EffectiveNoise({PowerLaw(3), 1, 0, false}), Error);
  EXPECT_THROW(HalvesOfPlugIn({PowerLaw(3), 1, 1, true}), Error);
}

}  // namespace
}  // namespace denoscope
