#include "denoscope/theory/spiked/anisotropic_spikes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/theory/spiked/spiked_covariance.h"
#include "denoscope/theory/spiked/spiked_simulation.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;

CrowdedSpectrum PowerLaw(Index d, std::int64_t n) {
  CrowdedSpectrum spectrum;
  spectrum.n = n;
  spectrum.lambda.resize(d);
  for (Index j = 0; j < d; ++j) spectrum.lambda(j) = 6 * std::pow(j + 1.0, -1.2);
  return spectrum;
}

TEST(CrowdedSpectrum, OneSpikeAloneIsTheSpikedModel) {
  CrowdedSpectrum spectrum = {VectorXd::Zero(101), 250};
  spectrum.lambda(0) = 2;
  const double gamma = 100.0 / 250;  // the spike itself is not of the rest
  for (const double sigma : {0.3, 1.0, 1.6}) {
    SCOPED_TRACE(sigma);
    const double variance = sigma * sigma, t = 2 / variance;
    const CrowdedMode mode = SeeMode(spectrum, 0, sigma);
    ASSERT_TRUE(mode.visible);
    EXPECT_NEAR(mode.eigenvalue, variance * SpikeEigenvalue(t, gamma), kRounding * 10);
    EXPECT_NEAR(mode.alignment, SpikeAlignment(t, gamma), kRounding);
  }
  EXPECT_NEAR(CrowdedCriticalSigma(spectrum, 0), CriticalSigma(2, gamma), kRounding * 10);
  EXPECT_NEAR(CrowdedAligningSigma(spectrum, 0), AligningSigma(2, gamma), kRounding * 10);
  EXPECT_FALSE(SeeMode(spectrum, 0, 2).visible);
  EXPECT_FALSE(SeeMode(spectrum, 5, 1).visible);
}

TEST(CrowdedSpectrum, AlignmentFollowsFromTheSlopeOfPsi) {
  const CrowdedSpectrum spectrum = PowerLaw(80, 400);
  const double sigma = 0.4, variance = sigma * sigma, step = 1e-5;
  for (const Index k : {0, 2, 4}) {
    const auto psi = [&](double l) {
      double sum = 0;
      for (Index j = 0; j < 80; ++j) {
        const double other = spectrum.lambda(j) + variance;
        if (j != k) sum += other / (l - other);
      }
      return l * (1 + sum / 400);
    };
    const double l = spectrum.lambda(k) + variance;
    const double slope = (psi(l + step) - psi(l - step)) / (2 * step);
    const CrowdedMode mode = SeeMode(spectrum, k, sigma);
    EXPECT_NEAR(mode.eigenvalue, psi(l), kRounding * 10);
    EXPECT_NEAR(mode.alignment, l * slope / psi(l), 1e-7);  // central difference
  }
}

// The same by bisection of the alignment: `level` 0 finds the critical sigma.
double SlowSigma(const CrowdedSpectrum& spectrum, Index k, double level) {
  double low = 0, high = 100;
  for (int i = 0; i < 80; ++i) {
    const double middle = 0.5 * (low + high);
    (SeeMode(spectrum, k, middle).alignment > level ? low : high) = middle;
  }
  return low;
}

TEST(CrowdedSpectrum, LevelsOfNoiseAgreeWithBisection) {
  const CrowdedSpectrum spectrum = PowerLaw(80, 400);
  for (const Index k : {0, 1, 3, 5}) {
    SCOPED_TRACE(k);
    EXPECT_NEAR(CrowdedAligningSigma(spectrum, k), SlowSigma(spectrum, k, 0.5), 1e-9);
    EXPECT_NEAR(CrowdedCriticalSigma(spectrum, k), SlowSigma(spectrum, k, 0), 1e-9);
    EXPECT_GT(SlowSigma(spectrum, k, 0.5), 0.1);
  }
  EXPECT_EQ(CrowdedAligningSigma(spectrum, 40), 0);
  EXPECT_EQ(SlowSigma(spectrum, 40, 0.5), 0);
}

TEST(CrowdedSpectrum, EqualModesHideEachOther) {
  CrowdedSpectrum spectrum = PowerLaw(80, 400);
  spectrum.lambda(2) = spectrum.lambda(1);
  for (const double sigma : {0.0, 0.4}) {
    EXPECT_FALSE(SeeMode(spectrum, 1, sigma).visible);
    EXPECT_TRUE(std::isnan(SeeMode(spectrum, 1, sigma).eigenvalue));
    EXPECT_TRUE(SeeMode(spectrum, 0, sigma).visible);
  }
  EXPECT_EQ(CrowdedCriticalSigma(spectrum, 1), 0);
  EXPECT_EQ(CrowdedAligningSigma(spectrum, 2), 0);
}

TEST(CrowdedSpectrum, AgreesWithSimulationWhereTheSpikedModelFails) {
  // Two separated modes above a tail that holds most of the variance: sigma alone says little.
  const Index d = 120;
  const std::int64_t n = 241;
  VectorXd lambda = VectorXd::LinSpaced(d, 1.5, 0.5);
  lambda(0) = 5;
  lambda(1) = 3.5;
  NoisyPcaOptions options;
  options.sigma = 0.5;
  options.count = 2;
  options.trials = 60;
  const NoisyPca found = SimulateNoisyPca({d, lambda, n, 4}, options);
  const CrowdedSpectrum spectrum = {lambda, n - 1};
  constexpr double kStandardErrors = 4, kFiniteSize = 4.0 / 120;  // 60 trials
  for (const Index k : {0, 1}) {
    SCOPED_TRACE(k);
    const CrowdedMode mode = SeeMode(spectrum, k, options.sigma);
    const double allowed = kStandardErrors * found.cos2.error(k) + kFiniteSize * mode.alignment;
    EXPECT_NEAR(found.cos2.mean(k), mode.alignment, allowed);
    EXPECT_NEAR(found.eigenvalues.mean(k),
                mode.eigenvalue,
                kStandardErrors * found.eigenvalues.error(k) + kFiniteSize * mode.eigenvalue);
    EXPECT_GT(SpikeAlignment(lambda(k) / 0.25, 0.5) - found.cos2.mean(k), 1.5 * allowed);
  }
}

TEST(CrowdedSpectrum, ThrowsOnBadInput) {
  const CrowdedSpectrum good = PowerLaw(10, 20);
  EXPECT_THROW(SeeMode(good, 10, 1), Error);
  EXPECT_THROW(SeeMode(good, -1, 1), Error);
  EXPECT_THROW(SeeMode(good, 0, -1), Error);
  EXPECT_THROW(SeeMode({good.lambda, 0}, 0, 1), Error);
  EXPECT_THROW(CrowdedCriticalSigma({-good.lambda, 5}, 0), Error);
  EXPECT_THROW(CrowdedAligningSigma({VectorXd::Ones(1), 5}, 0), Error);
}

}  // namespace
}  // namespace denoscope
