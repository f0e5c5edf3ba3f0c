#include <gtest/gtest.h>

#include "denoscope/files/atomic_file.h"
#include "denoscope/report/run_kinds.h"
#include "denoscope/report/spiked/spiked_findings.h"
#include "tests/support/python.h"
#include "tests/support/synthetic_spiked_run.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

class SpikedReport : public testing::Test {
 protected:
  void ExpectLine(const std::string& text, const std::string& piece) {
    EXPECT_NE(text.find(piece), std::string::npos) << "misses: " << piece << "\n" << text;
  }
  TempDir folder_;
};

// Theory 0.5 at d = 100, error 0.01: agreement reaches to 3 x 0.01 + 0.08 x 0.5 = 0.07.
TEST_F(SpikedReport, AgreementIsThreeErrorsAndTheFiniteSize) {
  SyntheticSpikedRun options;
  options.gap = 0.069;
  const RunFolder near = MakeSyntheticSpikedRun(folder_.Path("near"), options);
  const Agreement agreement = SpikeAgreement(ReadCsv(near.Path() / "spikes.csv"), "cos2");
  EXPECT_EQ(agreement.points, 2u);  // 0.5 thresholds and 1.49 do not count
  EXPECT_EQ(agreement.agreeing, 2u);
  ExpectLine(SpikedFindings(near), "cos2 at 2 of 2 (100 %, at least 95 %)");
  options.gap = 0.071;
  const RunFolder far = MakeSyntheticSpikedRun(folder_.Path("far"), options);
  ExpectLine(SpikedFindings(far), "cos2 at 0 of 2 (0 %, below 95 %); not d = 100, n = 50, t = 1.5");
}

TEST_F(SpikedReport, FindingsAreMeansOfTheTables) {
  const std::string text = SpikedFindings(MakeSyntheticSpikedRun(folder_.Path("run"), {}));
  ExpectLine(text, "4 strengths, 0.5 to 3 thresholds, d = 100, 1 cases of d and n, 40 trials each");
  ExpectLine(text, "of the other points, d = 100: cos2 0.01,");
  ExpectLine(text, "n = 50: spiked 0.4, anisotropic 0.2, mixed 0.05 (standard error 0.01)");
  ExpectLine(text, "spiked 1, anisotropic 0.5, mixed 0.25, 1 of 3 modes censored");
  ExpectLine(text, "6 gains: lambda/(lambda+sigma^2) 0.2, theory 0.05 (standard error 0.01)");
  ExpectLine(text, "2 cases near n - 1 = d have no mean error");
}

TEST_F(SpikedReport, HasEightFiguresAndTheirData) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  const std::vector<Figure> figures = MakeFigures(MakeSyntheticSpikedRun(folder_.Path("run"), {}));
  EXPECT_EQ(figures.size(), 8u);
  for (const Figure& figure : figures) {
    EXPECT_GT(figure.caption.size(), 40u);
    EXPECT_GT(ReadFile(figure.path).size(), 10000u) << figure.path;
  }
  const std::string script = ReadFile(folder_.Path("run") / "figures" / "learned_error.gp");
  ExpectLine(script, "regression: no mean error here");
}

}  // namespace
}  // namespace denoscope
