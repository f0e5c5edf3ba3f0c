#include "denoscope/denoise/noise_schedule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

TEST(NoiseSchedule, LinearAndCosineAreThePublishedOnes) {
  const NoiseSchedule linear = NoiseSchedule::Linear(), cosine = NoiseSchedule::Cosine();
  ASSERT_EQ(linear.AlphaBar().size(), 1000u);
  ASSERT_EQ(cosine.AlphaBar().size(), 1000u);
  EXPECT_DOUBLE_EQ(linear.AlphaBar()[0], 0.9999);
  // ln abar_T is about -(T/2)(beta_1 + beta_T) - T/6 beta_T^2 = -10.12.
  EXPECT_NEAR(std::log(linear.AlphaBar().back()), -10.12, 0.02);
  // Half of the cosine's time is 45 degrees but for its offset.
  EXPECT_NEAR(cosine.AlphaBar()[499],
              std::pow(std::cos(M_PI / 2 * 0.508 / 1.008), 2) /
                  std::pow(std::cos(M_PI / 2 * 0.008 / 1.008), 2),
              1e-12);
  // Its last beta is cut to 0.999.
  EXPECT_NEAR(cosine.AlphaBar()[999] / cosine.AlphaBar()[998], 0.001, 1e-12);
}

TEST(NoiseSchedule, TheTimestepOfItsOwnNoiseIsExact) {
  const NoiseSchedule linear = NoiseSchedule::Linear();
  for (const std::size_t t : {0, 1, 37, 500, 998, 999}) {
    const double a = linear.AlphaBar()[t], sigma = std::sqrt((1 - a) / a);
    EXPECT_EQ(linear.Timestep(sigma), static_cast<double>(t));
    EXPECT_EQ(linear.Timestep(static_cast<float>(sigma)), static_cast<double>(t));
  }
}

TEST(NoiseSchedule, BetweenTwoStepsIsLinearInTheLogarithm) {
  const NoiseSchedule two("two", {0.9, 0.5});  // sigma 1/3 and 1
  EXPECT_NEAR(two.Timestep(std::pow(1 / 3.0, 0.75)), 0.25, 1e-12);
}

TEST(NoiseSchedule, OutsideItsStepsThrows) {
  const NoiseSchedule two("two", {0.9, 0.5});
  for (const double sigma : {0.3, 1.1})
    ExpectError([&] { two.Timestep(sigma); },
                {"'two'", fmt::format("sigma {}", sigma), "0.333333 to 1"});
}

TEST(NoiseSchedule, ThatDoesNotFallIsNamed) {
  ExpectError([] { NoiseSchedule("s", {0.9, 0.95}); }, {"'s'", "0.95 after 0.9 at timestep 1"});
  ExpectError([] { NoiseSchedule("s", {0.9, 0.9}); }, {"0.9 after 0.9 at timestep 1"});
  ExpectError([] { NoiseSchedule("s", {1, 0.9}); }, {"1 after 1 at timestep 0"});
  ExpectError([] { NoiseSchedule("s", {0.9, 0}); }, {"0 after 0.9 at timestep 1"});
  ExpectError([] { NoiseSchedule("s", {0.9, std::nan("")}); }, {"nan after 0.9"});
  ExpectError([] { NoiseSchedule("s", {0.9}); }, {"2 or more timesteps, found 1"});
}

TEST(NoiseSchedule, ComesFromAFileOfOneNumberALine) {
  TempDir temp;
  const auto path = temp.Path("abar.txt");
  WriteFile(path, "0.9\n 0.5 \n1e-3\n");
  EXPECT_EQ(NoiseSchedule::Named(path.string()).AlphaBar(), std::vector<double>({0.9, 0.5, 1e-3}));
  WriteFile(path, "0.9\n0.5 0.4\n");
  ExpectError([&] { NoiseSchedule::FromFile(path); },
              {path.string(), "line 2", "one number", "'0.5 0.4'"});
  WriteFile(path, "0.9\n\n0.5\n");
  ExpectError([&] { NoiseSchedule::FromFile(path); }, {"line 2", "found ''"});
  ExpectError([] { NoiseSchedule::Named("sigmoid"); }, {"'sigmoid'", "linear, cosine or a file"});
}

}  // namespace
}  // namespace denoscope
