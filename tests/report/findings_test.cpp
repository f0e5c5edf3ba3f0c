#include <gtest/gtest.h>

#include "denoscope/files/csv.h"
#include "denoscope/report/run_kinds.h"
#include "tests/support/synthetic_run.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

class FindingsOf : public testing::Test {
 protected:
  std::string Make(const SyntheticRun& options) {
    return Findings(MakeSyntheticRun(folder.Path("run"), options));
  }
  static void ExpectLine(const std::string& text, const std::string& piece) {
    EXPECT_NE(text.find(piece), std::string::npos) << "misses: " << piece << "\n" << text;
  }
  static SyntheticRun Sweep() {
    SyntheticRun options;
    options.sigmas.clear();
    for (int i = 0; i < 25; ++i) options.sigmas.push_back(0.05 * std::pow(10 / 0.05, i / 24.0));
    return options;
  }

  TempDir folder;
};

TEST_F(FindingsOf, ExtentAndErrorRatiosAreTheRecords) {
  const SyntheticRun options;
  const std::string text = Make(options);
  ExpectLine(text,
             "shrinker_a on synthetic: 3 noise levels, sigma 0.1 to 1.6; 2 images analysed, 6");
  const SyntheticModel model(options);
  const auto ratio = [&](double sigma) {
    return model.Gains(sigma, true).mean() / model.Gains(sigma, false).mean();
  };
  ExpectLine(text, fmt::format("worst {:.3f} at sigma 0.1 (", ratio(0.1)));
  ExpectLine(text, fmt::format("best {:.3f} at sigma", std::min(ratio(0.4), ratio(1.6))));
  ExpectLine(text, "over 1000 held-out images");
}

TEST_F(FindingsOf, EmergenceNamesSlopesAndIntervals) {
  SyntheticRun options = Sweep();
  options.power = 0.8;
  const std::string text = Make(options);
  ExpectLine(text,
             "slope of log sigma_half on log lambda (1/2 for an ideal linear denoiser): 0.40, "
             "Wiener 0.50");
  ExpectLine(text,
             "20 PCA modes, sigma_half where the resolved variance falls to 1/2; censored: "
             "none of 20");
  ExpectLine(
      text,
      "rank correlation of sigma_half with frequency, over uncensored modes: -1.00, Wiener -1.00");
  ExpectLine(text, "any shrinker has about Wiener's rank correlation");
  const HalfLevel half = RunFolder::Open(folder.Path("run")).ReadEmergence()->deep[5].resolved;
  ExpectLine(text,
             fmt::format("k = 5: {:.3g} (95 % {:.3g} to {:.3g})", half.sigma, half.low, half.high));
}

TEST_F(FindingsOf, CensoredModesAreCounted) {
  ExpectLine(Make({}), "censored: 2 of 20 (2 above all sigmas, 0 below, 0 without a crossing)");
}

TEST_F(FindingsOf, FewImagesGiveNoInterval) {
  SyntheticRun options;
  ExpectLine(Make(options), "only 2 images analysed: no interval is given");
  options.images = 8;
  EXPECT_EQ(Make(options).find("no interval"), std::string::npos);
}

TEST_F(FindingsOf, AsymmetryNegativeMassAndCalibrationAreMeansOverCells) {
  SyntheticRun options;
  options.roughness = 1;
  const std::string text = Make(options);
  double asymmetry = 0, negative_mass = 0, calibration = 0, mse = 0;
  for (const Cell& cell : RunFolder::Open(folder.Path("run")).ReadCells())
    if (cell.sigma_index == 2) {
      asymmetry += cell.deep.asymmetry / 2;
      negative_mass += cell.deep.negative_mass / 2;
      calibration += cell.deep.calibration / 2;
      mse += cell.deep.mse / 2;
    }
  ExpectLine(text, "mean over 2 cells a noise level");
  for (const double mean : {asymmetry, negative_mass, calibration / mse})
    ExpectLine(text, fmt::format(", {:.3g} at sigma 1.6\n", mean));
}

TEST_F(FindingsOf, WhatIsMissingIsSaid) {
  SyntheticRun options;
  options.evaluation = false;
  ExpectLine(Make(options), "relative gain falls to 1/2 (there is no evaluation in this run)");
  options.training_set = false;
  const std::string text = Make(options);
  ExpectLine(text, "no evaluation in this run");
  ExpectLine(text, "no comparison with PCA");
  EXPECT_EQ(text.find("Wiener"), std::string::npos);
}

TEST_F(FindingsOf, OneCellHasOneEnd) {
  SyntheticRun options;
  options.images = 1;
  options.sigmas = {0.3};
  const std::string text = Make(options);
  ExpectLine(text, "1 noise level, sigma 0.3; 1 image analysed, 1 cell in all");
  ExpectLine(text, "mean over 1 cell a noise level");
}

TEST_F(FindingsOf, WithoutATrainingSetTheErrorStandsAlone) {
  SyntheticRun options;
  options.training_set = false;
  const std::string text = Make(options);
  ExpectLine(text, "MSE per pixel over 1000 held-out images: ");
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
}

}  // namespace
}  // namespace denoscope
