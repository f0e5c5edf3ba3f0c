#include "tools/error_table.h"

#include <gtest/gtest.h>

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
  const std::vector<ErrorColumn> others = {{"exact", {At(0.5, 0.005), At(1, 0.03)}}};
  const std::string text = ErrorTable({first, second}, others);
  EXPECT_NE(text.find("| exact MSE |"), std::string::npos) << text;
  EXPECT_NE(
      text.find("| 0.5 | 0.25 | 0.01000 ± 0.0001 | 20.00 | 0.02000 ± 0.0001 | 0.500 ± 0.005 | "
                "0.00500 ± 0.0001 |\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("| 13.98 | - | - | 0.03000"), std::string::npos) << text;
  const Json json = ErrorJson({first, second}, others);
  EXPECT_NEAR(json[0]["psnr"].get<double>(), 20, 1e-12);
  EXPECT_EQ(json[1]["exact_mse"], 0.03);
  EXPECT_FALSE(json[1].contains("wiener_mse"));
}

}  // namespace
}  // namespace denoscope
