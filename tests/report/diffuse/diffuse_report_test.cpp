#include <gtest/gtest.h>

#include <set>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/png.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/run_kinds.h"
#include "tests/support/python.h"
#include "tests/support/synthetic_diffuse_run.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

class DiffuseReport : public testing::Test {
 protected:
  void ExpectLine(const std::string& text, const std::string& piece) {
    EXPECT_NE(text.find(piece), std::string::npos) << "misses: " << piece << "\n" << text;
  }
  TempDir folder_;
};

TEST_F(DiffuseReport, FindingsAreThoseOfTheTables) {
  const std::string text = Findings(MakeSyntheticDiffuseRun(folder_.Path("run"), {}));
  ExpectLine(text,
             "tiny: spectrum of 300 images, d = 16; karras schedule, 2 levels, sigma 2 to 1; 5 "
             "starts drawn as noisy data; learned bases: n = 40 images, rank 2, 12 trials");
  ExpectLine(text,
             "wiener: mean |cos| to u_0 0.750 +- 0.010 from 0.250; diversity 1.33 from 4; verdict "
             "on wiener, of two parts");
  ExpectLine(text, "flow: mean |cos| to u_0 0.500");  // no clean state
  ExpectLine(text, "learned-fresh: 0 measured, 1.75 predicted\n");
  ExpectLine(text,
             "over the 1 step with sum lambda_0/sigma^2 < 0.02 mode ratios differ by at most "
             "0.8 %; by a factor of 5 at the end");
  ExpectLine(text, "karras 0.1 at 50 levels, order 1.00; geometric 0.1");
  ExpectLine(text, "constant 0.1 at 50 levels, which end cleaner");
  ExpectLine(text,
             "P_tau, fresh noise, sigma 2 to 1, tau = 2: ratios 1 : 0.5 : 0.5 (k = 0, 1, 1); mean "
             "distance of (c_i/c_0)^tau 0 by consecutive overlaps, 0.25 by alignments; off the "
             "diagonal 0.02 of the energy");
  ExpectLine(text, "(chance 0.50): fresh 0.375 +- 0.010 at sigma 2; accumulated 0.125 +- 0.010");
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
}

TEST_F(DiffuseReport, HasItsFiguresAndTheirData) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  const std::vector<Figure> figures = MakeFigures(MakeSyntheticDiffuseRun(folder_.Path("run"), {}));
  std::set<std::string> names;
  for (const Figure& figure : figures) {
    names.insert(figure.path.stem().string());
    EXPECT_GT(figure.caption.size(), 40u);
    EXPECT_GT(ReadPicture(figure.path).cols, 400) << figure.path;
  }
  EXPECT_EQ(names,
            (std::set<std::string>{"cosine",
                                   "ratios",
                                   "diversity",
                                   "spectra",
                                   "collapse",
                                   "schedules",
                                   "samples",
                                   "directions",
                                   "operators",
                                   "diagonals",
                                   "bases",
                                   "assumption",
                                   "power",
                                   "ddim"}));
  const auto data = folder_.Path("run") / "figures";
  const Table entries = ReadCsv(data / "operator_entries.csv");  // over entry (0,0)
  const NumberRows rows(entries);
  ASSERT_EQ(rows.Count(), 4u);
  EXPECT_EQ(rows.At(0, "fresh_high_2"), 1);
  EXPECT_EQ(rows.At(1, "fresh_high_2"), 0.25);
  EXPECT_EQ(rows.At(2, "fresh_high_2"), -0.25);
  const Table shares = ReadCsv(data / "shares.csv");
  const NumberRows wiener = NumberRows(shares).Where("process", std::string("wiener"));
  EXPECT_NEAR(wiener.At(0, "share"), 3.0 / 18, 1e-12);
  ExpectLine(ReadFile(data / "collapse.gp"), "set label '2.5' at 0,");
}

TEST_F(DiffuseReport, OneTrialHasNoErrors) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  const RunFolder run = MakeSyntheticDiffuseRun(folder_.Path("run"), {1, NAN});
  EXPECT_EQ(MakeFigures(run).size(), 14u);
  EXPECT_EQ(Findings(run).find("+-"), std::string::npos);
}

}  // namespace
}  // namespace denoscope
