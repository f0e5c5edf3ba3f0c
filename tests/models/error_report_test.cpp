#include "denoscope/models/error_report.h"

#include <gtest/gtest.h>

#include "denoscope/denoise/null_denoisers.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_images.h"

namespace denoscope {
namespace {

Evaluation At(double sigma, double mse) {
  Evaluation e;
  e.sigma = sigma;
  e.images = 50;
  e.mse = mse;
  e.mse_error = 1e-4;
  return e;
}

TEST(ErrorTable, HasAColumnForEachOther) {
  Evaluation first = At(0.5, 0.01), second = At(1, 0.04);
  first.linear_mse = 0.02;
  first.linear_mse_error = 1e-4;
  first.ratio_error = 0.005;
  const ErrorReport report = {{first, second}, {{"exact", {At(0.5, 0.005), At(1, 0.03)}}}, {}};
  const std::string text = ErrorTable(report);
  EXPECT_NE(text.find("| exact MSE |"), std::string::npos) << text;
  EXPECT_NE(
      text.find("| 0.5 | 0.25 | 0.01000 ± 0.0001 | 20.00 | 0.02000 ± 0.0001 | 0.500 ± 0.005 | "
                "0.005000 ± 0.0001 |\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("| 13.98 | - | - | 0.03000"), std::string::npos) << text;
  const Json json = ErrorJson(report);
  EXPECT_NEAR(json[0]["psnr"].get<double>(), 20, 1e-12);
  EXPECT_EQ(json[1]["exact_mse"], 0.03);
  EXPECT_FALSE(json[1].contains("wiener_mse"));
}

TEST(ErrorTable, HasCalibrationWhereMeasured) {
  Calibration first, second;
  first.whole = {0.98, 0.004};
  first.distance = {0.25, 0.01};
  second.whole = {1.5, 0.1};
  const ErrorReport report = {{At(0.5, 0.01), At(1, 0.04)}, {}, {first, second}};
  const std::string text = ErrorTable(report);
  EXPECT_NE(text.find("| 0.980 ± 0.004 | 0.250 ± 0.010 |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| 1.500 ± 0.100 | - |\n"), std::string::npos) << text;
  const Json json = ErrorJson(report);
  EXPECT_EQ(json[0]["calibration"], 0.98);
  EXPECT_EQ(json[0]["wiener_distance"], 0.25);
  EXPECT_FALSE(json[1].contains("wiener_distance"));
}

// Flags are the program's: the library once answered "--train: ..".
TEST(MeasureErrors, RefusesTheErrorOnATrainingSplitThatIsNotThere) {
  TrainingReference none;
  none.reason = "one photo, without a training split";
  ErrorOptions options;
  options.training = true;
  ExpectError(
      [&] {
        MeasureErrors(*MakeScaledDenoiser("identity", 1), none, TinyImages("test", 4), options, {});
      },
      {"error of 'train': needs the training split: one photo, without a training split"});
}

}  // namespace
}  // namespace denoscope
