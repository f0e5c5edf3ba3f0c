#include "denoscope/theory/spiked/mode_mixing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/theory/spiked/spiked_simulation.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

// Modes of about 5 and 2.5, each with a neighbour 3 % below, above a flat tail.
VectorXd TwoPairs(Index d) {
  VectorXd lambda = VectorXd::Constant(d, 0.1);
  lambda.head(4) << 5, 4.85, 2.5, 2.425;
  return lambda;
}

TEST(PairAlignment, IsTheMeanDirectionOfAPlaneGaussian) {
  const Index draws = 20000;
  constexpr double kStandardErrors = 4;
  for (const double rho : {0.0, 0.5, 2.0, 5.0}) {
    SCOPED_TRACE(rho);
    RandomStream random(3, "plane");
    double sum = 0, squares = 0;
    for (Index i = 0; i < draws; ++i) {
      const double x = rho + random.Normal(), y = random.Normal();
      const double cos2 = (1 + x / std::hypot(x, y)) / 2;
      sum += cos2 / draws;
      squares += cos2 * cos2 / draws;
    }
    const double error = std::sqrt((squares - sum * sum) / draws);
    EXPECT_NEAR(sum, PairAlignment(rho), kStandardErrors * error);
  }
}

TEST(PairAlignment, MeetsItsLimits) {
  EXPECT_EQ(PairAlignment(0), 0.5);
  // Both sides of the change to the asymptotic form, which leaves out 3/(16 rho^4).
  EXPECT_NEAR(PairAlignment(39.999), PairAlignment(40.001), 1e-7);
  EXPECT_NEAR(PairAlignment(10), 1 - 1 / 400.0 - 3 / 16e4, 1e-6);
  EXPECT_EQ(PairAlignment(1e9), 1);
  EXPECT_THROW(PairAlignment(-1), Error);
}

TEST(MixedAlignment, IsTheAnisotropicFormWhereNoModeIsNear) {
  VectorXd lambda = VectorXd::Zero(300);
  lambda.head(2) << 6, 2;
  const CrowdedSpectrum spectrum = {lambda, 600};
  for (const Index k : {0, 1}) {
    EXPECT_NEAR(MixedAlignment(spectrum, k, 0.8), SeeMode(spectrum, k, 0.8).alignment, 1e-12);
  }
}

TEST(MixedAlignment, AgreesWithSimulationWhereTheAnisotropicFormSeesNothing) {
  const Index d = 100;
  const std::int64_t n = 301;
  const VectorXd lambda = TwoPairs(d);
  NoisyPcaOptions options;
  options.sigma = 0.5;
  options.count = 4;
  options.trials = 300;
  const NoisyPca found = SimulateNoisyPca({d, lambda, n, 5}, options);
  const CrowdedSpectrum spectrum = {lambda, n - 1};
  constexpr double kStandardErrors = 4;  // 300 trials; an error of the mean of about 0.018
  for (Index k = 0; k < 4; ++k) {
    SCOPED_TRACE(k);
    EXPECT_FALSE(SeeMode(spectrum, k, options.sigma).visible);
    const double mixed = MixedAlignment(spectrum, k, options.sigma);
    EXPECT_NEAR(found.cos2.mean(k), mixed, kStandardErrors * found.cos2.error(k));
    EXPECT_GT(mixed, 0.4);
    EXPECT_LT(found.cos2.error(k), 0.025);
  }
}

TEST(MixedAligningSigma, IsWhereTheAlignmentFallsThroughOneHalf) {
  const CrowdedSpectrum spectrum = {TwoPairs(100), 300};
  for (const Index k : {0, 2}) {
    SCOPED_TRACE(k);
    const double sigma = MixedAligningSigma(spectrum, k);
    EXPECT_GT(MixedAlignment(spectrum, k, 0.999 * sigma), 0.5);
    EXPECT_LT(MixedAlignment(spectrum, k, 1.001 * sigma), 0.5);
  }
  EXPECT_EQ(MixedAligningSigma(spectrum, 50), 0);  // one of 96 equal modes
}

TEST(MixedAlignment, FallsAsNoiseGrows) {
  CrowdedSpectrum spectrum = {VectorXd(150), 400};
  for (Index j = 0; j < 150; ++j) spectrum.lambda(j) = 6 * std::pow(j + 1.0, -1.2);
  for (Index k = 0; k < 12; ++k) {
    double previous = 1;
    for (double sigma = 0.02; sigma < 4; sigma *= 1.05) {
      const double now = MixedAlignment(spectrum, k, sigma);
      ASSERT_LE(now, previous + 0.01) << "mode " << k << ", sigma " << sigma;
      previous = now;
    }
  }
}

TEST(MixedAlignment, OfNothingIsNothingAndBadInputThrows) {
  const CrowdedSpectrum spectrum = {VectorXd::Unit(5, 0), 10};
  EXPECT_EQ(MixedAlignment(spectrum, 2, 0.5), 0);
  EXPECT_EQ(MixedAlignment(spectrum, 0, 0), 1);
  EXPECT_THROW(MixedAlignment(spectrum, 5, 0.5), Error);
  EXPECT_THROW(MixedAlignment(spectrum, 0, -1), Error);
  EXPECT_THROW(MixedAligningSigma({VectorXd::Ones(5), 0}, 0), Error);
}

}  // namespace
}  // namespace denoscope
