#include "denoscope/theory/frequency/power_law.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;

VectorXd Law(Index modes, double amplitude, double exponent) {
  VectorXd lambda(modes);
  for (Index k = 0; k < modes; ++k) lambda(k) = amplitude * std::pow(k + 1.0, -exponent);
  return lambda;
}

TEST(PowerLaw, RecoversAnExactLawInAnyRange) {
  VectorXd lambda = Law(200, 3, 1.7);
  lambda(199) = 0;  // outside the ranges below
  for (const Index first : {0, 10}) {
    PowerLawOptions options;
    options.first = first;
    options.last = 150;
    const PowerLaw law = FitPowerLaw(lambda, options);
    EXPECT_NEAR(law.exponent, 1.7, kRounding);
    EXPECT_NEAR(law.amplitude, 3, 10 * kRounding);
    EXPECT_NEAR(law.r2, 1, kRounding);
    EXPECT_LT(law.exponent_error, kRounding);
    EXPECT_EQ(law.first, first);
    EXPECT_EQ(law.last, 150);
  }
}

TEST(PowerLaw, FitIsSlopeOfLogarithmsAndSaysHowWellItFits) {
  const VectorXd lambda = (VectorXd(4) << 8, 4, 1, 1).finished();
  const std::vector<double> x = {0, std::log(2.0), std::log(3.0), std::log(4.0)};
  const std::vector<double> y = {std::log(8.0), std::log(4.0), 0, 0};
  const PowerLaw law = FitPowerLaw(lambda, {});
  EXPECT_NEAR(law.exponent, -Slope(x, y), kRounding);
  double rest = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const double error = y[i] - std::log(law.amplitude) + law.exponent * x[i];
    rest += error * error;
  }
  EXPECT_NEAR(law.rms_error, std::sqrt(rest / 4), kRounding);
  EXPECT_NEAR(law.r2, 1 - rest / (3 * std::pow(StandardDeviation(y), 2)), kRounding);
  EXPECT_EQ(FitPowerLaw(VectorXd::Ones(9), {}).exponent, 0);
}

// Residuals follow an AR(1) process of coefficient 0.6. The stated standard error, averaged over
// 60 spectra, against the true spread of the 60 exponents, itself known to 1/sqrt(2 * 59) = 9 %:
// within four of those, and the 20 to 30 % by which blocks of 16 fall short of such dependence.
TEST(PowerLaw, StandardErrorSeesNeighboursThatGoTogether) {
  const Index modes = 256;
  std::vector<double> exponents, errors;
  double naive = 0;
  for (std::uint64_t trial = 0; trial < 60; ++trial) {
    RandomStream random(4, "spectrum", trial);
    VectorXd lambda = Law(modes, 1, 2);
    double residual = 0;
    for (Index k = 0; k < modes; ++k) {
      residual = 0.6 * residual + 0.1 * random.Normal();
      lambda(k) *= std::exp(residual);
    }
    PowerLawOptions options;
    options.replicates = 200;
    options.seed = trial;
    const PowerLaw law = FitPowerLaw(lambda, options);
    exponents.push_back(law.exponent);
    errors.push_back(law.exponent_error);
    const VectorXd x = VectorXd::LinSpaced(modes, 1, modes).array().log();
    naive += law.rms_error / std::sqrt((x.array() - x.mean()).square().sum()) / 60;
  }
  const double spread = StandardDeviation(exponents);
  double stated = 0;
  for (const double error : errors) stated += error / 60;
  EXPECT_GT(stated, 0.45 * spread);
  EXPECT_LT(stated, 1.4 * spread);
  EXPECT_GT(stated, 1.2 * naive);
}

TEST(PowerLaw, ThrowsOnARangeItCannotFit) {
  const VectorXd lambda = Law(10, 1, 1);
  const auto fit = [](const VectorXd& values, Index first, Index last) {
    PowerLawOptions options;
    options.first = first;
    options.last = last;
    return FitPowerLaw(values, options);
  };
  EXPECT_THROW(fit(lambda, 8, 10), Error);
  EXPECT_THROW(fit(lambda, -1, 10), Error);
  EXPECT_THROW(fit(lambda, 0, 11), Error);
  VectorXd zero = lambda;
  zero(9) = 0;
  EXPECT_THROW(fit(zero, 0, 10), Error);
  EXPECT_NO_THROW(fit(zero, 0, 9));
  zero(4) = -1;
  EXPECT_THROW(fit(zero, 0, 9), Error);
}

TEST(EffectiveDimension, CountsModes) {
  const EffectiveDimension flat = MeasureDimension(VectorXd::Constant(100, 0.3));
  EXPECT_NEAR(flat.participation, 100, 1e-10);
  EXPECT_EQ(flat.modes_90, 90);
  EXPECT_EQ(flat.modes_95, 95);
  EXPECT_EQ(flat.modes_99, 99);
  const VectorXd steep = (VectorXd(3) << 90, 8, 2).finished();
  const EffectiveDimension few = MeasureDimension(steep);
  EXPECT_NEAR(few.participation, 1e4 / (8100 + 64 + 4), 1e-10);
  EXPECT_EQ(few.modes_90, 1);
  EXPECT_EQ(few.modes_95, 2);
  EXPECT_EQ(few.modes_99, 3);
}

TEST(EffectiveDimension, OfLeadingModesNeedsTheTotal) {
  const VectorXd leading = (VectorXd(2) << 90, 6).finished();
  const EffectiveDimension dimension = MeasureDimension(leading, 100);
  EXPECT_EQ(dimension.modes_95, 2);
  EXPECT_EQ(dimension.modes_99, -1);
  EXPECT_THROW(MeasureDimension(leading, 50), Error);
  EXPECT_THROW(MeasureDimension(VectorXd::Zero(3)), Error);
  EXPECT_THROW(MeasureDimension(Eigen::Vector2d(1, -0.1)), Error);
  EXPECT_THROW(MeasureDimension(Eigen::Vector2d(1, std::nan(""))), Error);
}

TEST(CompletedSpectrum, GoesOnFromTheLastAndHoldsTheRest) {
  const VectorXd lambda = Law(200, 3, 1.7);
  const VectorXd completed = CompletedSpectrum(lambda.head(20), lambda.sum(), 200);
  EXPECT_TRUE(completed.head(20) == lambda.head(20));
  // The law itself, from its last mode on.
  EXPECT_NEAR(completed.sum(), lambda.sum(), 1e-10);
  EXPECT_NEAR(completed(20), lambda(20), 1e-10);
  EXPECT_NEAR(completed(199), lambda(199), 1e-10);
  for (Index k = 1; k < 200; ++k) EXPECT_LE(completed(k), completed(k - 1));
}

TEST(CompletedSpectrum, ItsEnds) {
  const VectorXd leading = (VectorXd(2) << 4, 1).finished();
  EXPECT_TRUE(CompletedSpectrum(leading, 5, 4) == (VectorXd(4) << 4, 1, 0, 0).finished());
  const VectorXd flat = CompletedSpectrum(leading, 9, 4);  // 4 is left for 2 modes below 1 each
  EXPECT_LE(flat(2), 1);
  EXPECT_GT(flat(2), 1 - 1e-9);
  EXPECT_TRUE(CompletedSpectrum(leading, 7, 2) == leading);
  EXPECT_THROW(CompletedSpectrum(leading, 7, 1), Error);
  EXPECT_THROW(CompletedSpectrum(-leading, 7, 4), Error);
}

}  // namespace
}  // namespace denoscope
