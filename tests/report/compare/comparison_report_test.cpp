#include <gtest/gtest.h>

#include <set>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/png.h"
#include "denoscope/report/plots/number_rows.h"
#include "denoscope/report/run_kinds.h"
#include "denoscope/studies/compare/run_comparison.h"
#include "tests/support/compared_runs.h"
#include "tests/support/python.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

class CompareReport : public testing::Test {
 protected:
  void Add(const SyntheticRun& options, const ComparedIdentity& identity = {}) {
    paths_.push_back(folder_.Path(std::to_string(paths_.size())));
    MakeComparedRun(paths_.back(), options, identity);
  }
  RunFolder Compared() { return CompareRuns(paths_, {}, {folder_.Path("out"), true}); }
  static void ExpectLine(const std::string& text, const std::string& piece) {
    EXPECT_NE(text.find(piece), std::string::npos) << "misses: " << piece << "\n" << text;
  }
  fs::path Path(const std::string& name) const { return folder_.Path("out") / "figures" / name; }

  TempDir folder_;
  std::vector<fs::path> paths_;
};

SyntheticRun Reversed() {
  SyntheticRun options = FineSweep();
  options.reversed = true;
  return options;
}

TEST_F(CompareReport, AControlPairTellsVarianceFromFrequency) {
  Add(FineSweep(), {"net", "sines"});
  Add(Reversed(), {"reversed", "sines:reversed"});
  const std::string text = Findings(Compared());
  ExpectLine(text, "2 runs side by side");
  ExpectLine(text, "differ in data.name: sines | sines:reversed\n");
  EXPECT_EQ(text.find("sha256"), std::string::npos) << text;
  ExpectLine(text,
             "net on sines: sigma_half of 20 modes, 0 more censored; rank correlation with lambda "
             "1.00, with frequency -1.00");
  ExpectLine(text, "slope of log sigma_half on log lambda 0.50; Wiener 1.00, -1.00,");
  ExpectLine(text,
             "the rank correlation of lambda with frequency is -1.00, 1.00, that of sigma_half "
             "with lambda 1.00, 1.00, with frequency -1.00, 1.00: emergence follows variance");
  EXPECT_EQ(text.find("nan"), std::string::npos) << text;
}

// A denoiser that sees low frequencies first whatever they carry: weak modes before strong ones.
TEST_F(CompareReport, FrequencyIsNamedWhereItOrdersEmergence) {
  Add(FineSweep(), {"net", "sines"});
  SyntheticRun low_first = Reversed();
  low_first.power = -1;
  Add(low_first, {"low-pass", "sines:reversed"});
  ExpectLine(Findings(Compared()), "emergence follows frequency");
}

TEST_F(CompareReport, WithoutAControlThatIsSaid) {
  Add(FineSweep(), {"net", "sines"});
  SyntheticRun other = FineSweep();
  other.sigmas.back() = 20;
  other.excess = 2;
  Add(other, {"better", "sines", 40});
  const std::string text = Findings(Compared());
  ExpectLine(text, "no control among them");
  ExpectLine(text, "differ in options.sigmas: 25 values, 0.05 to 10 | 25 values, 0.05 to 20\n");
  ExpectLine(text, "their noise levels differ");
  ExpectLine(text, "differ in model.n: nothing | 40\n");
  ExpectLine(text, "net on sines: sigma_half over Wiener's, median 0.707 over 20 modes\n");
  ExpectLine(text,
             "better on sines: sigma_half over Wiener's, median 1.41 over 20 modes; learned "
             "from 40 images: over the plug-in theory's, median ");
}

TEST_F(CompareReport, ErrorsAreThoseOfTheRecords) {
  Add(FineSweep(), {"net", "sines"});
  Add(FineSweep(), {"other", "sines"});
  const SyntheticModel model(FineSweep());
  const double ratio = model.Gains(0.05, true).mean() / model.Gains(0.05, false).mean();
  const std::string text = Findings(Compared());
  ExpectLine(text, fmt::format("worst {:.3f} at sigma 0.05\n", ratio));
}

TEST_F(CompareReport, HasThreeFiguresAndTheirData) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  Add(FineSweep(), {"net", "sines"});
  Add(Reversed(), {"it's {/Bold `x`} a_b", "sines:reversed", 40});
  const std::vector<Figure> figures = MakeFigures(Compared());
  std::set<std::string> names;
  for (const Figure& figure : figures) {
    names.insert(figure.path.stem().string());
    EXPECT_GT(figure.caption.size(), 40u);
    EXPECT_GT(ReadPicture(figure.path).cols, 900) << figure.path;
  }
  EXPECT_EQ(names, (std::set<std::string>{"control", "halves", "errors"}));
  const Table halves = ReadCsv(Path("compared_halves.csv")),
              levels = ReadCsv(Path("compared_levels.csv"));
  const NumberRows rows(halves);
  ASSERT_EQ(rows.Count(), 40u);
  for (const std::size_t i : {3, 23})  // excess 0.5: deep levels at sqrt(lambda/2)
    EXPECT_NEAR(rows.At(i, "ratio"), std::sqrt(0.5), 0.01);
  EXPECT_TRUE(std::isnan(rows.At(3, "theory_ratio")));
  EXPECT_GT(rows.At(23, "theory_ratio"), 0.5);
  EXPECT_LT(rows.At(23, "theory_ratio"), 1);
  EXPECT_EQ(NumberRows(levels).Count(), 50u);
  const std::string control = ReadFile(Path("control.gp"));
  for (const char* piece : {"sqrt(x)", "net on sines", "'20 of 20'", "'−1.00'"})
    ExpectLine(control, piece);
  ExpectLine(ReadFile(Path("halves.gp")), "theory: Wiener of 40 images");
}

TEST_F(CompareReport, SharedCellsStandSideBySide) {
  SyntheticRun options;
  Add(options, {"net", "sines"});
  options.excess = 2;
  Add(options, {"it's_other", "sines"});
  const RunFolder run = Compared();
  const std::vector<Cell> cells = RunFolder::Open(paths_[1]).ReadCells();
  ExpectLine(Findings(run),
             fmt::format("{} cells shared by all of them, {} images at {} noise levels; error of "
                         "it's_other on sines there over that of net on sines, median ",
                         cells.size(),
                         options.images,
                         options.sigmas.size()));
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  MakeFigures(run);
  ExpectLine(ReadFile(Path("side_by_side.gp")), "'it''s\\_other on'");
  EXPECT_TRUE(fs::exists(Path("side_by_side.svg")));
  const Table table = ReadCsv(Path("compared_spectra.csv"));
  const NumberRows spectra(table);
  for (const Cell& cell : cells) {
    const NumberRows rows = spectra.Where("run", 1).Where("sigma", cell.sigma);
    if (cell.image > 0 || rows.Empty()) continue;
    EXPECT_NEAR(rows.At(0, "eigenvalue"), cell.deep.eigenvalues[0], 1e-6);
    EXPECT_NEAR(rows.At(rows.Count() - 1, "eigenvalue"), cell.deep.eigenvalues.tail(1)[0], 1e-6);
  }
}

// The first comparisons kept no cells.
TEST_F(CompareReport, OneWithoutCellsIsShownToo) {
  Add({}, {"net", "sines"});
  Add({}, {"other", "sines"});
  const RunFolder run = Compared();
  for (const char* file : {"cells.csv", "pictures.npz"}) fs::remove(run.Path() / file);
  ExpectLine(Findings(run), "no cell is shared by all of them");
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  EXPECT_EQ(MakeFigures(run).size(), 3u);
}

// Colours by the number of images, points by kind.
TEST_F(CompareReport, NumbersOfImagesHaveColoursOfTheirOwn) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  for (const std::int64_t n : {10, 100, 1000}) {
    Add(FineSweep(), {"net-" + std::to_string(n), "sines", n});
    Add(FineSweep(), {"linear:wiener:" + std::to_string(n), "sines", n});
  }
  MakeFigures(Compared());
  const std::string script = ReadFile(Path("halves.gp"));
  for (const char* piece : {"pt 7 ps 0.8 lc rgb '#440154'",
                            "pt 4 ps 0.8 lc rgb '#440154'",
                            "theory: Wiener of 1000 images"})
    ExpectLine(script, piece);
}

TEST_F(CompareReport, CensoredRunsAreDrawnToo) {
  if (RunCommand("gnuplot --version").status != 0) GTEST_SKIP() << "gnuplot is not installed";
  SyntheticRun none;
  none.sigmas = {0.001, 0.002};  // above all of them
  Add(none, {"net", "sines"});
  Add(none, {"other", "sines"});
  const RunFolder run = Compared();
  EXPECT_EQ(MakeFigures(run).size(), 5u);
  const std::string text = Findings(run);
  ExpectLine(text,
             "sigma_half of 0 modes, 20 more censored; rank correlation with lambda undefined");
  ExpectLine(text, "median undefined");
}

}  // namespace
}  // namespace denoscope
