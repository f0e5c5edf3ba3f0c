#include "denoscope/report/sweep/cell_text.h"

#include <gtest/gtest.h>

#include <sstream>

#include "denoscope/arrays/npy.h"

namespace denoscope {
namespace {

Cell Twelve() {  // 3 x 4 pixels
  Cell cell;
  cell.image = 7;
  cell.draw = 1;
  cell.sigma = 0.25;
  cell.clean = Array::From({1, 3, 4}, std::vector<float>(12));
  cell.deep.eigenvalues = Eigen::VectorXd::LinSpaced(12, 1, -0.1);
  cell.deep.trace = 5.4;
  cell.linear.eigenvalues = Eigen::VectorXd::Constant(12, 0.5);
  cell.linear.trace = 6;
  return cell;
}

std::vector<std::string> Lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(CellText, ShowsChosenEigenvaluesAsBarsOnOneScale) {
  const std::vector<std::string> lines = Lines(CellText(Twelve()));
  EXPECT_EQ(lines[0], "image 7, sigma 0.25, draw 1: 1 x 3 x 4, d = 12");
  std::vector<std::string> bars(lines.end() - 6, lines.end());
  EXPECT_EQ(bars[0].substr(0, 18), "     0    1.0000  ");
  EXPECT_EQ(bars[0].size(), 18u + 48);
  EXPECT_EQ(bars[0][18 + 24], '|') << "Wiener's 1/2, half way along the longest bar";
  const std::vector<std::string> indices = {"0", "1", "2", "5", "10", "11"};
  for (std::size_t i = 0; i < bars.size(); ++i)
    EXPECT_EQ(bars[i].substr(0, 6), std::string(6 - indices[i].size(), ' ') + indices[i]);
  EXPECT_EQ(bars[5].substr(9, 14), "-0.1000  -----") << "below 0";
}

TEST(CellText, LeavesOutWhatWasNotComputed) {
  Cell cell = Twelve();
  EXPECT_EQ(CellText(cell).find("nan"), std::string::npos);
  EXPECT_EQ(CellText(cell).find("asymmetry"), std::string::npos);
  EXPECT_NE(CellText(cell).find("trace                        5.4           6"), std::string::npos);
  cell.linear = Spectrum();
  EXPECT_EQ(CellText(cell).find("Wiener"), std::string::npos);
}

TEST(CellJson, HasNullForWhatWasNotComputed) {
  const Json json = CellJson(Twelve());
  EXPECT_EQ(json["denoiser"]["trace"], 5.4);
  EXPECT_TRUE(json["denoiser"]["asymmetry"].is_null());
  EXPECT_EQ(json["denoiser"]["eigenvalues"].size(), 12u);
  EXPECT_EQ(json["wiener"]["eigenvalues"][0], 0.5);
}

}  // namespace
}  // namespace denoscope
