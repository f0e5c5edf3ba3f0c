#include "denoscope/training/objective.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

constexpr SigmaRange kRange = {0.05, 4};

std::vector<double> Draw(const Objective& objective, std::int64_t count, const SigmaRange& range) {
  RandomStream random(3, "test");
  return DrawSigmas(objective, range, count, random);
}

// One draw from each of n parts of equal probability: its empirical distribution is within 1/n of
// the law's, at every point.
void ExpectLaw(const Objective& objective, double (*law)(double sigma)) {
  constexpr std::int64_t kCount = 400;
  const std::vector<double> sigmas = Draw(objective, kCount, kRange);
  for (std::int64_t i = 0; i < kCount; ++i) {
    const double p = law(sigmas[static_cast<std::size_t>(i)]) * kCount;
    EXPECT_GE(p, static_cast<double>(i) - 1e-6);
    EXPECT_LE(p, static_cast<double>(i) + 1 + 1e-6);
  }
}

TEST(Objective, DrawsItsLawsStratified) {
  Objective objective;
  ExpectLaw(objective, [](double s) { return std::log(s / 0.05) / std::log(4 / 0.05); });
  objective.law = NoiseLaw::kUniform;
  ExpectLaw(objective, [](double s) { return (s - 0.05) / 3.95; });
  objective.law = NoiseLaw::kLogNormal;
  ExpectLaw(objective, [](double s) {
    const auto below = [](double x) {
      return 0.5 * std::erfc(-(std::log(x) + 1.2) / 1.2 / std::sqrt(2.0));
    };
    return (below(s) - below(0.05)) / (below(4) - below(0.05));
  });
}

TEST(Objective, OneLevelIsARangeToo) {
  for (const NoiseLaw law : {NoiseLaw::kLogUniform, NoiseLaw::kUniform, NoiseLaw::kLogNormal}) {
    Objective objective;
    objective.law = law;
    for (const double sigma : Draw(objective, 5, {0.3, 0.3})) EXPECT_NEAR(sigma, 0.3, 1e-12);
  }
}

// A denoiser off by c_out(sigma) = sigma q / sqrt(sigma^2 + q^2) everywhere has the same loss, 1.
TEST(Objective, EdmWeightsMakeAllLevelsAlike) {
  Objective objective;
  for (const double sigma : {0.02, 0.5, 13.0}) {
    const double c_out = sigma * 0.4 / std::sqrt(sigma * sigma + 0.4 * 0.4);
    EXPECT_NEAR(LossWeight(objective, sigma, 0.4) * c_out * c_out, 1, 1e-12);
  }
  objective.weighting = Weighting::kPlain;
  EXPECT_EQ(LossWeight(objective, 13, 0.4), 1);
}

TEST(Objective, NamesGoBothWaysAndBadOnesThrow) {
  for (const char* name : {"log-uniform", "uniform", "log-normal"})
    EXPECT_EQ(NameOf(FromName<NoiseLaw>(name)), name);
  for (const char* name : {"plain", "edm"}) EXPECT_EQ(NameOf(FromName<Weighting>(name)), name);
  ExpectError([] { FromName<NoiseLaw>("normal"); }, {"'normal'", "log-normal"});
  ExpectError([] { FromName<Weighting>("none"); }, {"'none'", "plain or edm"});
  Objective objective;
  objective.log_deviation = 0;
  ExpectError([&] { objective.Check(); }, {"deviation 0", "above 0"});
}

}  // namespace
}  // namespace denoscope
