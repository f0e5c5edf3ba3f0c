#include "denoscope/studies/compare/run_comparison.h"

#include <gtest/gtest.h>

#include "denoscope/files/atomic_file.h"
#include "denoscope/results/npz_members.h"
#include "denoscope/theory/optimal/kappa.h"
#include "tests/support/compared_runs.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

class RunComparison : public testing::Test {
 protected:
  std::vector<fs::path> Make() {
    MakeComparedRun(folder.Path("a"), FineSweep(), {"net", "sines", 0});
    SyntheticRun reversed = FineSweep();
    reversed.reversed = true;
    reversed.excess = 2;
    MakeComparedRun(folder.Path("b"), reversed, {"net", "sines:reversed", 40});
    return {folder.Path("a"), folder.Path("b")};
  }
  RunFolder Compared(bool force = false) {
    return CompareRuns(Make(), {{"command", "test"}}, {folder.Path("out"), force});
  }

  TempDir folder;
};

TEST_F(RunComparison, TablesHoldEveryRunsRows) {
  const Comparison c = Compare(ReadComparedRuns(Make()));
  ASSERT_EQ(c.halves.rows.size(), 40u);
  ASSERT_EQ(c.statistics.rows.size(), 12u);
  ASSERT_EQ(c.levels.rows.size(), 50u);
  for (const Table* table : {&c.halves, &c.statistics, &c.levels}) {
    EXPECT_EQ(table->columns[0], "run");
    EXPECT_EQ(table->rows.front()[1], "net on sines");
    EXPECT_EQ(table->rows.back()[1], "net on sines:reversed");
    EXPECT_EQ(NumberAt(*table, table->rows.size() - 1, "run"), 1);
  }
  const Emergence b = *RunFolder::Open(folder.Path("b")).ReadEmergence();
  EXPECT_EQ(NumberAt(c.halves, 25, "k"), 5);
  EXPECT_EQ(NumberAt(c.halves, 25, "deep_half_resolved"), b.deep[5].resolved.sigma);
  EXPECT_EQ(NumberAt(c.halves, 25, "deep_half_resolved_high"), b.deep[5].resolved.high);
  EXPECT_EQ(NumberAt(c.halves, 25, "linear_half_gain"), b.linear[5].gain.sigma);
  EXPECT_EQ(NumberAt(c.levels, 3, "ratio"),
            NumberAt(c.levels, 3, "mse") / NumberAt(c.levels, 3, "linear_mse"));
  EXPECT_EQ(NumberAt(c.levels, 3, "asymmetry"), 0.25);
}

TEST_F(RunComparison, CellsAreSharedWhereTheNoisyImageIsTheSame) {
  SyntheticRun options;
  MakeComparedRun(folder.Path("a"), options);
  options.excess = 2;
  const std::vector<double> all = options.sigmas;
  options.sigmas.pop_back();
  MakeComparedRun(folder.Path("b"), options, {"other", "sines", 0});
  const std::vector<ComparedRun> runs = ReadComparedRuns({folder.Path("a"), folder.Path("b")});
  const Comparison c = Compare(runs);
  const auto expected = static_cast<std::size_t>(options.images) * options.sigmas.size();
  ASSERT_EQ(c.cells.rows.size(), 2 * expected);
  const std::vector<Cell> cells = RunFolder::Open(folder.Path("b")).ReadCells();
  for (std::size_t i = 0; i < expected; ++i) {
    const std::size_t row = 2 * i + 1;  // of the second run
    EXPECT_EQ(NumberAt(c.cells, row, "run"), 1);
    EXPECT_EQ(NumberAt(c.cells, row, "image"), static_cast<double>(cells[i].image));
    EXPECT_EQ(NumberAt(c.cells, row, "sigma"), cells[i].sigma);
    EXPECT_EQ(NumberAt(c.cells, row, "trace"), cells[i].deep.trace);
  }
  const NpzReader pictures(c.pictures, "pictures");
  const auto S = static_cast<Eigen::Index>(options.sigmas.size());
  const Eigen::MatrixXd mu = pictures.Matrix("eigenvalues");  // (2, S d)
  ASSERT_EQ(pictures.Vector("sigma").size(), S);
  ASSERT_EQ(mu.rows(), 2);
  const Eigen::Index d = cells[0].deep.eigenvalues.size();
  EXPECT_LT((mu.row(1).segment(d, d).transpose() - cells[1].deep.eigenvalues).cwiseAbs().maxCoeff(),
            1e-6);
}

TEST_F(RunComparison, OtherImagesShareNoCell) {
  const Comparison c = Compare(ReadComparedRuns(Make()));
  EXPECT_TRUE(c.cells.rows.empty());
  EXPECT_TRUE(c.pictures.empty());
  EXPECT_EQ(c.cells.columns[2], "image");
}

TEST_F(RunComparison, TheoryIsThatOfAsManyImages) {
  const std::vector<ComparedRun> runs = ReadComparedRuns(Make());
  const Comparison c = Compare(runs);
  const PlugInHalves theory = HalvesOfPlugIn({runs[1].reference.lambda, 1, 40, true});
  for (std::size_t k = 0; k < 20; ++k) {
    const auto mode = static_cast<Eigen::Index>(k);
    EXPECT_TRUE(std::isnan(NumberAt(c.halves, k, "plug_in_half_resolved")));
    EXPECT_EQ(NumberAt(c.halves, 20 + k, "plug_in_half_resolved"), theory.resolved[mode]);
    EXPECT_EQ(NumberAt(c.halves, 20 + k, "plug_in_half_gain"), theory.gain[mode]);
  }
}

TEST_F(RunComparison, SummarySaysWhatTheRunsAre) {
  const Json summary = Compare(ReadComparedRuns(Make())).summary;
  ASSERT_EQ(summary["runs"].size(), 2u);
  EXPECT_EQ(summary["runs"][1]["label"], "net on sines:reversed");
  EXPECT_EQ(summary["runs"][1]["n"], 40);
  EXPECT_EQ(summary["runs"][0]["n"], 0);
  EXPECT_EQ(summary["runs"][0]["reference_n"], 1000);
  EXPECT_EQ(summary["runs"][0]["images"], 1000);
  EXPECT_EQ(summary["runs"][0]["sigmas"].size(), 25u);
  EXPECT_LT(summary["runs"][0]["lambda_frequency"], -0.98);  // some frequencies are equal
  EXPECT_GT(summary["runs"][1]["lambda_frequency"], 0.98);
  EXPECT_TRUE(summary["differences"].contains("data.name"));
}

TEST_F(RunComparison, IsAFolderThatIsNotOverwrittenUnasked) {
  const RunFolder run = Compared();
  EXPECT_EQ(run.Manifest()["kind"], "compare");
  EXPECT_EQ(run.Manifest()["status"], "complete");
  const Comparison back = ReadComparison(run.Path());
  EXPECT_EQ(back.halves.rows, Compare(ReadComparedRuns(Make())).halves.rows);
  for (const auto& entry : fs::recursive_directory_iterator(run.Path()))
    EXPECT_EQ(entry.path().string().find(".tmp-"), std::string::npos) << entry.path();
  ExpectError([&] { Compared(); }, {"out'", "use --force"});
  WriteFile(run.Path() / "halves.csv", "old");
  Compared(true);
  EXPECT_EQ(ReadComparison(run.Path()).halves.rows, back.halves.rows);
}

TEST_F(RunComparison, NeverTakesThePlaceOfARun) {
  for (const bool force : {false, true})
    ExpectError(
        [&] {
          CompareRuns(Make(), {}, {folder.Path("a"), force});
        },
        {"a'", "is a run of kind \"analyze\""});
  EXPECT_EQ(RunFolder::Open(folder.Path("a")).ReadCells().size(), 25u);
}

TEST_F(RunComparison, OneThatStoppedGoesOn) {
  RunFolder run = Compared();
  run.SetManifest("status", "unfinished");
  fs::create_directories(run.Path() / "cells");
  fs::remove(run.Path() / "levels.csv");
  EXPECT_EQ(Compared().Manifest()["status"], "complete");
  EXPECT_EQ(ReadComparison(run.Path()).levels.rows.size(), 50u);
}

TEST_F(RunComparison, IsNoRunToCompare) {
  const RunFolder run = Compared();
  ExpectError(
      [&] {
        ReadComparedRuns({folder.Path("a"), run.Path()});
      },
      {"is of kind compare, expected one of analyze"});
}

}  // namespace
}  // namespace denoscope
