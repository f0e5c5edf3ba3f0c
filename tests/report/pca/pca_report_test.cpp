#include <gtest/gtest.h>

#include <set>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/png.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/run_kinds.h"
#include "tests/support/python.h"
#include "tests/support/synthetic_pca_run.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

class PcaReport : public testing::Test {
 protected:
  void ExpectLine(const std::string& text, const std::string& piece) {
    EXPECT_NE(text.find(piece), std::string::npos) << "misses: " << piece << "\n" << text;
  }
  TempDir folder_;
};

TEST_F(PcaReport, FindingsAreThoseOfTheTables) {
  const std::string text = Findings(MakeSyntheticPcaRun(folder_.Path("run"), {}));
  ExpectLine(text, "reference PCA of 1000 images, d = 16; noisy bases from its 60 other images");
  ExpectLine(text, "at n = 40 the draws share images");
  EXPECT_EQ(text.find("at n = 20 the draws"), std::string::npos);
  ExpectLine(text, "lambda_0 8 +- 0.2; 3, 4 and 4 modes hold 90, 95 and 99 %");
  ExpectLine(text, "participation 2.65");  // 15^2 / 85
  ExpectLine(text, "power law of modes 0 to 3: exponent 1.50 +- 0.25 (95 % 1.10 to 1.90)");
  ExpectLine(text, "1.200 +- 0.100 at sigma 0.1");
  ExpectLine(text, "3.5 of images, 3.0 of the twin, 4 modes predicted at sigma 0.1");
  ExpectLine(text,
             "k = 0: above all sigmas, twin above all sigmas, spiked 2.83, anisotropic never");
  ExpectLine(text, "k = 1: 0.5 (95 % 0.45 to 0.55), twin 0.5");
  ExpectLine(text, "1 of 4 modes are never half aligned: mean frequency 2.00, of the others 1.00");
  ExpectLine(text, "with frequency -0.90 (95 % over modes -0.95 to -0.70, over draws no interval)");
  ExpectLine(text,
             "given lambda -0.20 (95 % over modes -0.40 to 0.10, over draws -0.30 to 0.05), "
             "twin undefined; slope of log sigma on log lambda 0.75");
  ExpectLine(text, "spiked 0.450 (greatest at sigma 0.1, k = 2: 0.95 against 0.50)");
  ExpectLine(text, "anisotropic 0.125");
  ExpectLine(text, "cos^2 0.400 +- 0.010 of images, 0.500 +- 0.010 of the twin; spiked 0.95");
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
}

TEST_F(PcaReport, HasItsFiguresAndTheirData) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  const std::vector<Figure> figures = MakeFigures(MakeSyntheticPcaRun(folder_.Path("run"), {}));
  std::set<std::string> names;
  for (const Figure& figure : figures) {
    names.insert(figure.path.stem().string());
    EXPECT_GT(figure.caption.size(), 40u);
    EXPECT_GT(ReadPicture(figure.path).cols, 400) << figure.path;
  }
  EXPECT_EQ(names,
            (std::set<std::string>{"spectrum",
                                   "basis",
                                   "wiener",
                                   "sines",
                                   "alignment_n20",
                                   "alignment_n40",
                                   "subspaces",
                                   "above_edge",
                                   "aligning",
                                   "frequency"}));
  const auto data = folder_.Path("run") / "figures";
  const Table sines = ReadCsv(data / "sines.csv");
  EXPECT_EQ(sines.columns.size(), 1u + 2u * 4u);
  EXPECT_NEAR(NumberRows(sines).At(1, "images_sin_theta_n40_3"), std::sqrt(0.6), 1e-12);
  const Table levels = ReadCsv(data / "aligning.csv");
  const NumberRows rows(levels);
  EXPECT_NEAR(rows.At(0, "images_above"), 1.12, 1e-12);  // beyond the largest sigma
  EXPECT_NEAR(rows.At(3, "gaussian_below"), 0.1 / 1.12, 1e-12);
  EXPECT_EQ(levels.rows[0][levels.Column("anisotropic")], "nan");  // never has no place
  ExpectLine(ReadFile(data / "frequency.gp"), "rank correlation with f: −0.90");
  ExpectLine(ReadFile(data / "alignment_n40.gp"), "n = 40, k = 2");
}

TEST_F(PcaReport, OneDrawOfOneNHasNoErrors) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  SyntheticPcaRun options;
  options.n = {20};
  options.draws = 1;
  options.error = NAN;
  const RunFolder run = MakeSyntheticPcaRun(folder_.Path("run"), options);
  EXPECT_EQ(MakeFigures(run).size(), 9u);
  EXPECT_EQ(Findings(run).find("for example"), std::string::npos);
}

}  // namespace
}  // namespace denoscope
