#include "denoscope/studies/sample/sample_study.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/files/csv.h"
#include "denoscope/image/tensors.h"
#include "denoscope/studies/sample/sample_units.h"
#include "tests/support/expect_error.h"
#include "tests/support/run_files.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_images.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

class SampleStudy : public testing::Test {
 protected:
  SampleStudy() {
    options_.samples = 20;
    options_.schedule = {Schedule::kKarras, 8, 3, 0.02};
    options_.modes = 6;
    options_.spectrum.vectors = 4;
    options_.replicates = 20;
    options_.seed = 6;
  }
  ~SampleStudy() override { ClearCancel(); }

  AnalysisInput Input(const Denoiser& denoiser) const {
    return {denoiser,
            images_,
            pca_,
            "training hash",
            "no reason",
            nulls_,
            {{"name", denoiser.Traits().name}, {"sha256", "model hash"}},
            {{"command", "denoscope sample"}}};
  }
  RunFolder Run(const std::string& name, const Denoiser& denoiser, bool force = false) const {
    return RunSampleStudy(Input(denoiser), options_, {Path(name), force});
  }
  RunFolder Run(const std::string& name) const { return Run(name, *network_); }
  fs::path Path(const std::string& name) const { return temp_.Path(name); }

  const ImageSet images_ = TinyImages("test", 60, {1, 8, 8}, 2);
  std::shared_ptr<const Pca> pca_ =
      std::make_shared<const Pca>(PcaOf(TinyImages("train", 300, {1, 8, 8}, 1)));
  const std::unique_ptr<NetworkDenoiser> network_ = TinyDenoiser(TinyDescription("conditioned"));
  const std::unique_ptr<Denoiser> wiener_ = MakeWienerDenoiser(pca_, {1, 8, 8});
  const std::vector<NullDenoiser> nulls_;
  SampleOptions options_;

 private:
  TempDir temp_;
};

TEST_F(SampleStudy, WritesTheRunFolderOfItsFormat) {
  options_.jacobians = 3;
  options_.jacobian_samples = 2;
  const RunFolder run = Run("run");
  std::map<std::string, std::string> files = RunFiles(run.Path());
  for (const std::string name : {"cells/paths_0000-0015.npz",
                                 "cells/paths_0016-0019.npz",
                                 "reference.npz",
                                 "paths.csv",
                                 "steps.csv",
                                 "emergence_steps.csv",
                                 "path_emergence.csv",
                                 "path_statistics.csv",
                                 "collapse.csv",
                                 "modes.npz",
                                 "summary.csv",
                                 "emergence.csv",
                                 "statistics.csv",
                                 "levels.csv",
                                 "alignment.csv",
                                 "subspaces.csv",
                                 "tracks.csv",
                                 "time_update.csv"})
    EXPECT_EQ(files.erase(name), 1u) << name;
  EXPECT_EQ(files.size(), 6u);  // 2 samples at 3 states
  const Json manifest = ReadJson(run.Path() / "run.json");
  EXPECT_EQ(manifest["kind"], "sample");
  EXPECT_EQ(manifest["status"], "complete");
  EXPECT_EQ(manifest["identity"]["options"]["sampler"], "euler");
  EXPECT_EQ(manifest["identity"]["options"]["jacobians"], 3);
  EXPECT_EQ(manifest["identity"]["options"]["levels"].size(),
            static_cast<std::size_t>(options_.schedule.levels));
}

// The cells along a path are of its states, and of the image that it ends in.
TEST_F(SampleStudy, CellsLieOnThePaths) {
  options_.jacobians = 3;
  options_.jacobian_samples = 2;
  const RunFolder run = Run("run");
  const denoscope::Path path = ReadTrajectories(run, options_).deep;
  const torch::Tensor noisy = ToTensor(path.noisy), denoised = ToTensor(path.denoised);
  const std::vector<Cell> cells = run.ReadCells();
  ASSERT_EQ(cells.size(), 6u);
  const std::int64_t states[] = {7, 4, 0};  // ascending noise
  for (const Cell& cell : cells) {
    const std::int64_t t = states[cell.sigma_index];
    EXPECT_EQ(cell.sigma, path.sigmas(t, 0));
    EXPECT_TRUE(torch::equal(ToTensor(cell.noisy), noisy[t][cell.image]));
    EXPECT_TRUE(torch::equal(ToTensor(cell.clean), denoised[7][cell.image]));
    EXPECT_LT((ToTensor(cell.denoised) - denoised[t][cell.image]).abs().max().item<double>(), 1e-5);
  }
}

// Energy along the exact flow halves at sqrt(lambda + 2 s_0^2). With 60 Euler steps the levels are
// off by less than 5 %; a mode is only scaled, so that its correlation is 1.
TEST_F(SampleStudy, OfWienerModesEmergeAtTheRootOfTheirVariance) {
  options_.schedule.levels = 60;
  const RunFolder run = Run("run", *wiener_);
  const Table halves = ReadCsv(run.Path() / "path_emergence.csv");
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_EQ(halves.rows[k][0], "mode");
    const double root = std::sqrt(NumberAt(halves, k, "lambda") + 2 * 0.02 * 0.02);
    EXPECT_NEAR(NumberAt(halves, k, "deep_energy"), root, 0.05 * root) << k;
    EXPECT_EQ(NumberAt(halves, k, "deep_energy"), NumberAt(halves, k, "linear_energy"));
    EXPECT_EQ(halves.rows[k][halves.Column("deep_correlation_censored")], "above") << k;
  }
  const Table statistics = ReadCsv(run.Path() / "path_statistics.csv");
  EXPECT_EQ(statistics.rows[0][statistics.Column("measure")], "mode_energy");
  EXPECT_NEAR(NumberAt(statistics, 0, "slope"), 0.5, 0.05);
  const Table steps = ReadCsv(run.Path() / "emergence_steps.csv");
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_NEAR(NumberAt(steps, i, "correlation"), 1, 1e-4) << i;
    EXPECT_LT(std::abs(NumberAt(steps, i, "chance")), 1);
  }
  const Table collapse = ReadCsv(run.Path() / "collapse.csv");
  EXPECT_EQ(collapse.rows[0][collapse.Column("process")], "deep");
  EXPECT_NEAR(NumberAt(collapse, 0, "network"), 0, 1e-6);  // it is Wiener's
  EXPECT_EQ(collapse.rows[0][collapse.Column("cause")], "none");
}

// J of Wiener is the same everywhere: at its fixed point, the mean image, the leading pair is
// (lambda_0/(lambda_0 + s^2), u_0), and states come there along u_0.
TEST_F(SampleStudy, RepeatedWienerAtOneLevelEndsInTheMeanAlongTheLeadingMode) {
  options_.sampler = Sampler::kRepeated;
  options_.fixed_sigma = 0.5;
  options_.samples = 4;
  const RunFolder run = Run("run", *wiener_);
  const Table points = ReadCsv(run.Path() / "fixed_points.csv");
  ASSERT_EQ(points.rows.size(), 4u);
  const double lambda = pca_->eigenvalues[0];
  for (std::size_t b = 0; b < 4; ++b) {
    EXPECT_NEAR(NumberAt(points, b, "eigenvalue"), lambda / (lambda + 0.25), 1e-4);
    EXPECT_NEAR(NumberAt(points, b, "v_cos_u0"), 1, 1e-3);
    EXPECT_GT(NumberAt(points, b, "step_cos_v"), 0.9);
    // What is left beside u_0 when steps come to a thousandth of x: a few per cent.
    EXPECT_GT(NumberAt(points, b, "step_cos_Js"), 0.99);
    EXPECT_NEAR(NumberAt(points, b, "step_factor"), lambda / (lambda + 0.25), 0.02);
    EXPECT_GT(NumberAt(points, b, "cos_mean"), 0.99);
  }
  const Table collapse = ReadCsv(run.Path() / "collapse.csv");
  EXPECT_EQ(collapse.rows[1][collapse.Column("cause")], "shrinkage");
}

// Also where replicates all lie on one side of it, as rank correlations do.
TEST_F(SampleStudy, IntervalsHoldTheirEstimates) {
  options_.replicates = 100;
  const Table rows = ReadCsv(Run("run").Path() / "path_statistics.csv");
  int held = 0;
  for (std::size_t i = 0; i < rows.rows.size(); ++i)
    for (const std::string name : {"rank_lambda", "rank_frequency", "slope", "spread"}) {
      const double value = NumberAt(rows, i, name), low = NumberAt(rows, i, name + "_low");
      if (std::isnan(low)) continue;
      EXPECT_LE(low, value) << name << " " << i;
      EXPECT_GE(NumberAt(rows, i, name + "_high"), value) << name << " " << i;
      ++held;
    }
  EXPECT_GT(held, 4);
}

TEST_F(SampleStudy, InterruptedAndResumedItIsTheSame) {
  options_.jacobians = 2;
  options_.jacobian_samples = 2;
  const auto whole = RunFiles(Run("whole").Path());
  for (const std::string task : {"sampling", "analyzing"}) {
    const fs::path path = Path("stopped while " + task);
    const auto stop = [&](const Progress& p) {
      if (p.task == task && p.done == 1) RequestCancel();
    };
    EXPECT_THROW(RunSampleStudy(Input(*network_), options_, {path, false, stop}), Interrupted);
    ClearCancel();
    const RunFolder run = RunSampleStudy(Input(*network_), options_, {path});
    EXPECT_TRUE(RunFiles(run.Path()) == whole) << task;
  }
}

// What is drawn for a sample depends on no other: float32, and convolutions round by batch.
TEST_F(SampleStudy, ASampleIsTheSameInSmallerCompany) {
  options_.sampler = Sampler::kAncestral;
  const Trajectories many = ReadTrajectories(Run("many"), options_);
  options_.samples = 3;
  const Trajectories few = ReadTrajectories(Run("few"), options_);
  for (Eigen::Index t : {0, 7})
    EXPECT_LT((StateOf(many.deep.denoised, t).leftCols(3) - StateOf(few.deep.denoised, t))
                  .cwiseAbs()
                  .maxCoeff(),
              1e-4);
}

TEST_F(SampleStudy, BlindPathsAreKeptByLevel) {
  options_.sampler = Sampler::kBlind;
  options_.samples = 3;
  const denoscope::Path path = ReadTrajectories(Run("run", *wiener_), options_).deep;
  const Eigen::VectorXd levels = PathLevels(options_);
  EXPECT_EQ(path.WholeSamples().size(), 3u);
  for (Eigen::Index t = 0; t < path.States(); ++t)
    for (Eigen::Index b = 0; b < 3; ++b) EXPECT_LE(path.sigmas(t, b), levels[t] * (1 + 1e-6));
}

TEST_F(SampleStudy, PathsThatDivergeAreSaidAndLeftOut) {
  const auto doubling = MakeScaledDenoiser("doubling", 4);
  options_.sampler = Sampler::kRepeated;
  const RunFolder run = Run("run", *doubling);
  const Table paths = ReadCsv(run.Path() / "paths.csv");
  EXPECT_EQ(NumberAt(paths, 0, "diverged"), 2);
  EXPECT_EQ(run.Manifest()["status"], "complete");
  const Table steps = ReadCsv(run.Path() / "steps.csv");
  for (const auto& row : steps.rows) EXPECT_EQ(row[0], "linear");
}

TEST_F(SampleStudy, StartsOfNoiseAloneAreNamedWhereTheyDiffer) {
  options_.start = StartKind::kNoise;
  const RunFolder run = Run("run", *wiener_);
  const std::string note = run.Manifest()["start_note"];
  EXPECT_NE(note.find("not noisy data"), std::string::npos) << note;
  options_.schedule.largest = 300;
  EXPECT_EQ(StartNote(options_, Input(*wiener_)), "");
}

TEST_F(SampleStudy, WithoutATrainingSetItSamplesFromNoise) {
  AnalysisInput input = {*network_, images_, nullptr, "", "one photo", nulls_, {}, {}};
  const auto run = [&] { return RunSampleStudy(input, options_, {Path("run")}); };
  ExpectError(run, {"starts like noisy data", "one photo"});
  options_.start = StartKind::kNoise;
  const RunFolder folder = run();
  EXPECT_FALSE(fs::exists(folder.Path() / "steps.csv"));
  const Table emergence = ReadCsv(folder.Path() / "path_emergence.csv");
  for (const auto& row : emergence.rows) EXPECT_EQ(row[0], "band");
}

TEST_F(SampleStudy, OptionsThatDoNotGoTogetherThrow) {
  const auto refused = [&](const auto& change, std::initializer_list<std::string> pieces) {
    SampleOptions options = options_;
    change(options);
    ExpectError([&] { ResolveSample(options, Input(*network_)); }, pieces);
  };
  refused([](auto& o) { o.samples = 0; }, {"samples", "found 0"});
  refused([](auto& o) { o.fixed_sigma = 1; }, {"fixed sigma", "'repeated'", "'euler'"});
  refused(
      [](auto& o) {
        o.sampler = Sampler::kBlind;
        o.jacobians = 2;
      },
      {"Jacobians"});
  refused([](auto& o) { o.schedule.levels = 1; }, {"1"});
}

}  // namespace
}  // namespace denoscope
