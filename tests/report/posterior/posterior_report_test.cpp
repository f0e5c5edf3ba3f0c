#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/png.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/tiles.h"
#include "denoscope/report/run_kinds.h"
#include "tests/support/expect_error.h"
#include "tests/support/python.h"
#include "tests/support/synthetic_posterior_run.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

class PosteriorReport : public testing::Test {
 protected:
  std::string Text(const SyntheticPosteriorRun& options) {
    return Findings(MakeSyntheticPosteriorRun(folder_.Path("run"), options));
  }
  static void ExpectLine(const std::string& text, const std::string& piece) {
    EXPECT_NE(text.find(piece), std::string::npos) << "misses: " << piece << "\n" << text;
  }
  static void ExpectNone(const std::string& text, const std::string& piece) {
    EXPECT_EQ(text.find(piece), std::string::npos) << text;
  }
  TempDir folder_;
};

TEST_F(PosteriorReport, FindingsAreThoseOfTheRecords) {
  const std::string text = Text({});
  ExpectLine(text,
             "net on flat: posterior sigma^2 J of 3 images at 2 noise levels, sigma 0.1 to 0.4; 3 "
             "components each, d = 16");
  ExpectLine(text, "total variance sigma^2 tr J: 0.875 at sigma 0.1, 0.875 at sigma 0.4");
  ExpectLine(text, "of the squared error made: 1 at sigma 0.1");
  ExpectLine(text, "share of the total in these components: 0.5 at sigma 0.1");
  ExpectLine(text, "variance below 0, whose deviation is given as 0: 0.0625 at sigma 0.1");
  ExpectLine(text, "asymmetry |J - J^T|/|J|, 0 for a posterior: 0.125 at");
  ExpectLine(text, "18 of 18 components converged\n");
  ExpectLine(text, "coverage of nominal 95 % intervals over 50 held-out images");
  ExpectLine(text, "along PCA modes: 0.855 +- 0.010 at sigma 0.1 (mean z^2 1.250 +- 0.020)");
  ExpectLine(text, "(mean z^2 1.250 +- 0.020; 0.12 without a positive variance)");
  ExpectLine(text, "components are those of the first 25 of these images");
  ExpectLine(text, "only 3 images: no interval");
  ExpectNone(text, "random vectors");
  ExpectNone(text, "nan");
}

TEST_F(PosteriorReport, WhatIsAmissIsSaid) {
  SyntheticPosteriorRun options;
  options.exact = false;
  options.converged = false;
  options.coverage_images = 4;
  options.outside_training = "denoiser 'net': trained on sigma 0.2 to 1, found outside: 0.1";
  const std::string text = Text(options);
  ExpectLine(text, "found outside: 0.1\n");
  ExpectLine(text,
             "12 of 18 components converged (image 0 at sigma 0.1: stopped at the limit of 7");
  ExpectLine(text, "pixels and total from 128 random vectors");
  ExpectLine(text, "over the mean variance: 0.1");
  ExpectLine(text, "the search for components did not end at 2 images");
  ExpectLine(text, "only 4 held-out images: too few for a standard error");
  ExpectLine(text, "along PCA modes: 0.855 at sigma 0.1 (mean z^2 1.250)");
  ExpectNone(text, "asymmetry");
  ExpectNone(text, "nan");
  options.coverage_images = 0;
  ExpectLine(Text(options), "no coverage in this run: nothing tests these variances");
}

// A network that is no denoiser there may foretell less than nothing.
TEST_F(PosteriorReport, ANegativeTotalHasNoShares) {
  SyntheticPosteriorRun options;
  options.total_variance = -2;
  const std::string text = Text(options);
  ExpectLine(text, "total variance sigma^2 tr J: -2 at sigma 0.1");
  ExpectLine(text, "share of the total in these components: undefined at sigma 0.1");
}

TEST_F(PosteriorReport, AMissingUnitIsNamed) {
  const RunFolder run = MakeSyntheticPosteriorRun(folder_.Path("run"), {});
  std::filesystem::remove(run.CellPath("img-00005_sig-0.400000"));
  ExpectError([&] { Findings(run); }, {"cell 'img-00005_sig-0.400000' is missing"});
}

TEST_F(PosteriorReport, AMissingOptionIsNamed) {
  const RunFolder whole = MakeSyntheticPosteriorRun(folder_.Path("run"), {});
  for (const std::string option : {"images", "sigmas", "coverage_images", "probes"}) {
    Json manifest = whole.Manifest();
    manifest["identity"]["options"].erase(option);
    WriteJson(whole.Path() / "run.json", manifest);
    ExpectError([&] { Findings(RunFolder::Open(whole.Path())); }, {"run.json", "'" + option + "'"});
  }
}

std::set<std::string> Names(const std::vector<Figure>& figures) {
  std::set<std::string> names;
  for (const Figure& figure : figures) {
    names.insert(figure.path.stem().string());
    EXPECT_GT(figure.caption.size(), 40u);
    EXPECT_GT(ReadPicture(figure.path).cols, 400) << figure.path;
  }
  return names;
}

TEST_F(PosteriorReport, HasItsFiguresAndTheirData) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  const RunFolder run = MakeSyntheticPosteriorRun(folder_.Path("run"), {});
  const std::vector<Figure> figures = MakeFigures(run);
  EXPECT_EQ(Names(figures),
            (std::set<std::string>{"posterior_img-00000", "posterior_img-00005", "coverage"}));
  EXPECT_EQ(ReadFile(run.Path() / "figures/coverage.csv"), ReadFile(run.Path() / "coverage.csv"));
  const std::string script = ReadFile(run.Path() / "figures/coverage.gp");
  for (const char* piece : {"PCA modes", "pixels", "leading components", "σ = 0.1", "σ = 0.4"})
    ExpectLine(script, piece);
  ExpectLine(figures.back().caption, "one standard error");
}

TEST_F(PosteriorReport, ColourAndFewImagesAndNoCoverage) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  SyntheticPosteriorRun options;
  options.shape = {3, 4, 6};
  options.images = {2};
  options.coverage_images = 5;
  const std::vector<Figure> figures =
      MakeFigures(MakeSyntheticPosteriorRun(folder_.Path("run"), options));
  EXPECT_EQ(Names(figures), (std::set<std::string>{"posterior_img-00002", "coverage"}));
  ExpectLine(figures.back().caption, "too few for a standard error");
  options.coverage_images = 0;
  EXPECT_EQ(MakeFigures(MakeSyntheticPosteriorRun(folder_.Path("run"), options)).size(), 1u);
}

// The estimate is 1/4; two deviations of component 0, pixel 0, are 2 sqrt(1/4) = 1.
TEST_F(PosteriorReport, TheSheetMovesTheEstimateByTwoDeviations) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  SyntheticPosteriorRun options;
  options.images = {0};
  options.coverage_images = 0;
  const std::vector<Figure> figures =
      MakeFigures(MakeSyntheticPosteriorRun(folder_.Path("run"), options));
  const cv::Mat sheet = ReadPicture(figures[0].path);
  const TileGrid grid = MakeTileGrid({}, options.shape, 2);
  const double pixel = grid.tile_width / static_cast<double>(options.shape[2]);
  const double left = kSheetMargin + 2 * grid.tile_width + 14 + 150, first = kSheetMargin / 2 + 60;
  const auto at = [&](double y, double x) {  // in the middle of the tile's pixel there
    return static_cast<int>(
        sheet.at<cv::Vec3b>(std::lround(y + pixel / 2), std::lround(x + pixel / 2))[0]);
  };
  const auto strip = [&](int row, double x) {
    return at(first + 2 * kSheetLine + row * (grid.tile_height + kTileGap), x);
  };
  EXPECT_EQ(strip(1, left), 0);                                   // D - 2 sd, clipped
  EXPECT_EQ(strip(2, left), 64);                                  // D
  EXPECT_EQ(strip(3, left), 255);                                 // D + 2 sd, clipped
  EXPECT_EQ(strip(3, left + pixel), 64);                          // another pixel stays
  EXPECT_EQ(at(first, kSheetMargin), 128);                        // clean
  EXPECT_EQ(at(first + 2 * grid.RowHeight(), kSheetMargin), 64);  // D
}

TEST(MapPicture, RunsFromDarkToBrightOverChannels) {
  Eigen::VectorXd values(6);  // two pixels of three channels: root mean squares 0 and 1
  values << 0, 1, 0, -1, 0, 1;
  const cv::Mat picture = MapPicture(values, {3, 1, 2}, 1);
  const auto colour = [](const Colour& c) {
    return cv::Vec3b(cv::saturate_cast<uchar>(c[2]),
                     cv::saturate_cast<uchar>(c[1]),
                     cv::saturate_cast<uchar>(c[0]));
  };
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 0), colour(Sequential(0)));
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 1), colour(Sequential(1)));
}

}  // namespace
}  // namespace denoscope
