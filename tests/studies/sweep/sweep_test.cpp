#include "denoscope/studies/sweep/sweep.h"

#include <gtest/gtest.h>

#include "denoscope/base/cancel.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/studies/sweep/sweep_results.h"
#include "tests/support/expect_error.h"
#include "tests/support/run_files.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_images.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

void ExpectSameFiles(const Files& found, const Files& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [name, content] : expected) {
    ASSERT_EQ(found.count(name), 1u) << name;
    EXPECT_TRUE(found.at(name) == content) << name << " differs";
  }
}

class SweepTest : public testing::Test {
 protected:
  SweepTest() {
    options_.images = {0, 3};
    options_.sigmas = {0.5, 0.1};
    options_.modes = 5;
    options_.spectrum.vectors = 5;
    options_.evaluation.images = 50;
    options_.evaluation.batch = 20;
    options_.seed = 6;
  }
  ~SweepTest() override { ClearCancel(); }

  AnalysisInput Input() const {
    return {*denoiser_,
            images_,
            pca_,
            "training hash",
            "no reason",
            nulls_,
            {{"name", "tiny"}, {"sha256", "model hash"}},
            {{"command", "denoscope analyze"}}};
  }
  RunFolder Run(const std::string& name, bool force = false) const {
    return RunSweep(Input(), options_, {Path(name), force});
  }
  // Cancels after `units` units.
  void Interrupt(const std::string& name, std::int64_t units) const {
    const auto sink = [units](const Progress& p) {
      if (p.done == units) RequestCancel();
    };
    EXPECT_THROW(RunSweep(Input(), options_, {Path(name), false, sink}), Interrupted);
    ClearCancel();
  }
  fs::path Path(const std::string& name) const { return temp_.Path(name); }
  static std::vector<NullDenoiser> OneNull() {
    std::vector<NullDenoiser> nulls;
    nulls.push_back({"identity", MakeScaledDenoiser("identity", 1)});
    return nulls;
  }

  const ImageSet images_ = TinyImages("test", 60, {1, 8, 8}, 2);
  std::shared_ptr<const Pca> pca_ =
      std::make_shared<const Pca>(PcaOf(TinyImages("train", 300, {1, 8, 8}, 1)));
  const std::unique_ptr<NetworkDenoiser> denoiser_ = TinyDenoiser(TinyDescription("conditioned"));
  const std::vector<NullDenoiser> nulls_ = OneNull();
  SweepOptions options_;

 private:
  TempDir temp_;
};

const std::vector<std::string> kUnits = {"eval_sig-0.100000",
                                         "eval_sig-0.500000",
                                         "img-00000_sig-0.100000_draw-00",
                                         "img-00000_sig-0.500000_draw-00",
                                         "img-00003_sig-0.100000_draw-00",
                                         "img-00003_sig-0.500000_draw-00",
                                         "null-identity_sig-0.100000",
                                         "null-identity_sig-0.500000"};

TEST_F(SweepTest, WritesTheRunFolderOfItsFormat) {
  const RunFolder run = Run("run");
  EXPECT_EQ(run.CellNames(), kUnits);
  Files files = RunFiles(run.Path());
  for (const std::string& unit : kUnits) EXPECT_EQ(files.erase("cells/" + unit + ".npz"), 1u);
  for (const std::string name : {"reference.npz",
                                 "modes.npz",
                                 "summary.csv",
                                 "emergence.csv",
                                 "emergence_bands.csv",
                                 "statistics.csv",
                                 "levels.csv",
                                 "ledger.csv",
                                 "alignment.csv",
                                 "subspaces.csv",
                                 "tracks.csv",
                                 "time_update.csv"})
    EXPECT_EQ(files.erase(name), 1u) << name;
  EXPECT_TRUE(files.empty()) << files.begin()->first;

  const Json manifest = ReadJson(run.Path() / "run.json");
  EXPECT_EQ(manifest["kind"], "analyze");
  EXPECT_EQ(manifest["version"], 1);
  EXPECT_EQ(manifest["status"], "complete");
  EXPECT_EQ(manifest["command"], "denoscope analyze");
  const Json& identity = manifest["identity"];
  EXPECT_EQ(identity["options"]["sigmas"], Json({0.1, 0.5}));
  EXPECT_EQ(identity["seed"], 6);
  EXPECT_EQ(identity["data"]["sha256"], images_.Sha256());
  EXPECT_EQ(identity["model"]["sha256"], "model hash");
  EXPECT_EQ(identity["reference"]["n"], 300);

  const Table timing = ReadCsv(run.Path() / "timing.csv");
  EXPECT_EQ(timing.rows.size(), kUnits.size());
  const Table summary = ReadCsv(run.Path() / "summary.csv");
  ASSERT_EQ(summary.rows.size(), 4u);
  for (const auto& [name, value] : Scalars(Spectrum()))
    for (const std::string prefix : {"", "linear_"}) EXPECT_NO_THROW(summary.Column(prefix + name));
  EXPECT_EQ(ReadCsv(run.Path() / "emergence.csv").rows.size(), 5u);
  EXPECT_TRUE(run.ReadEmergence().has_value());
}

TEST_F(SweepTest, CellsHoldWhatTheyPromise) {
  const RunFolder run = Run("run");
  const Npz npz = ReadNpz(run.CellPath(kUnits[5]));
  const std::map<std::string, Shape> expected = {{"clean", {1, 8, 8}},
                                                 {"noisy", {1, 8, 8}},
                                                 {"denoised", {1, 8, 8}},
                                                 {"linear_denoised", {1, 8, 8}},
                                                 {"eigenvalues", {64}},
                                                 {"linear_eigenvalues", {64}},
                                                 {"eigenvectors", {5, 1, 8, 8}},
                                                 {"singular_values", {64}},
                                                 {"pca_gain", {5}},
                                                 {"linear_pca_gain", {5}},
                                                 {"band_gain", {17}},
                                                 {"eigenvector_frequency", {5}},
                                                 {"left_right_cosine", {5}},
                                                 {"trace", {}},
                                                 {"sigma", {}}};
  for (const auto& [name, shape] : expected) {
    ASSERT_EQ(npz.count(name), 1u) << name;
    EXPECT_EQ(npz.at(name).shape, shape) << name;
  }
  // Float32 throughout.
  constexpr double kFloatRounding = 1e-5;
  for (const Cell& cell : run.ReadCells()) {
    const Eigen::VectorXd gains = pca_->eigenvalues.head(5).array() /
                                  (pca_->eigenvalues.head(5).array() + cell.sigma * cell.sigma);
    EXPECT_LT((cell.linear.pca_gain - gains).cwiseAbs().maxCoeff(), kFloatRounding);
    EXPECT_LT(cell.linear.asymmetry, kFloatRounding);
    EXPECT_NEAR(cell.deep.trace, cell.deep.eigenvalues.sum(), 64 * kFloatRounding);
    EXPECT_GT(cell.deep.asymmetry, 1e-3);
  }
}

TEST_F(SweepTest, InterruptedAndResumedGivesTheSameBytes) {
  Run("straight");
  for (const std::int64_t units : {0, 2, 5}) {
    const std::string name = "stopped" + std::to_string(units);
    Interrupt(name, units);
    EXPECT_EQ(RunFolder::Open(Path(name)).Manifest()["status"], "unfinished");
    EXPECT_EQ(RunFolder::Open(Path(name)).CellNames().size(), static_cast<std::size_t>(units));
    EXPECT_FALSE(fs::exists(Path(name) / "summary.csv"));
    std::int64_t computed = 0;
    RunSweep(Input(), options_, {Path(name), false, [&](const Progress& p) {
                                   computed = p.done - p.done_before;
                                   EXPECT_EQ(p.done_before, units);
                                   EXPECT_EQ(p.total, 8);
                                 }});
    EXPECT_EQ(computed, 8 - units);
    ExpectSameFiles(RunFiles(Path(name)), RunFiles(Path("straight")));
    EXPECT_EQ(ReadCsv(Path(name) / "timing.csv").rows.size(), kUnits.size());
  }
}

// What was chosen is noted, and what an earlier part of the run noted holds.
TEST_F(SweepTest, AResumedRunKeepsItsChoices) {
  EXPECT_GT(Run("straight").Manifest()["choices"]["block"], 0);
  Interrupt("resumed", 2);
  Json manifest = ReadJson(Path("resumed") / "run.json");
  manifest["choices"]["block"] = 16;
  WriteJson(Path("resumed") / "run.json", manifest);
  EXPECT_EQ(Run("resumed").Manifest()["choices"]["block"], 16);
}

// The first runs noted no choices: one that was stopped then ended in a crash when it was resumed.
TEST_F(SweepTest, ARunWithoutChoicesResumes) {
  Interrupt("old", 2);
  Json manifest = ReadJson(Path("old") / "run.json");
  manifest.erase("choices");
  WriteJson(Path("old") / "run.json", manifest);
  EXPECT_EQ(Run("old").Manifest()["status"], "complete");
}

TEST_F(SweepTest, MergedShardsAreTheWholeRun) {
  Run("straight");
  options_.shards = 2;
  for (const std::int64_t shard : {0, 1}) {
    options_.shard = shard;
    const RunFolder run = Run("shard" + std::to_string(shard));
    EXPECT_EQ(run.Manifest()["status"], "shard complete");
    EXPECT_EQ(run.Manifest()["shard"], std::to_string(shard) + "/2");
    EXPECT_EQ(run.CellNames().size(), 4u);
  }
  RunFolder half = MergeRuns({Path("shard0")}, {Path("half")});
  ExpectError([&] { FinishRun(half); }, {"half", kUnits[1], "is missing"});
  RunFolder merged = MergeRuns({Path("shard0"), Path("shard1")}, {Path("merged")});
  FinishRun(merged);
  EXPECT_EQ(merged.Manifest()["status"], "complete");
  ExpectSameFiles(RunFiles(Path("merged")), RunFiles(Path("straight")));
}

TEST_F(SweepTest, ACompleteRunIsNotMadeAgainUnlessForced) {
  Run("run");
  const Files before = RunFiles(Path("run"));
  ExpectError([&] { Run("run"); }, {"run", "complete", "--force"});
  Run("run", true);
  ExpectSameFiles(RunFiles(Path("run")), before);
}

TEST_F(SweepTest, OtherOptionsAreNamed) {
  Interrupt("run", 2);
  const SweepOptions same = options_;
  const auto refused = [&](auto&& change, const std::string& field) {
    options_ = same;
    change(options_);
    ExpectError([&] { Run("run"); }, {field, "now", "--force"});
  };
  refused([](SweepOptions& o) { o.draws = 2; }, "options.draws = 1, now 2");
  refused([](SweepOptions& o) { o.sigmas = {0.1, 0.6}; }, "options.sigmas");
  refused([](SweepOptions& o) { o.images = {0, 4}; }, "options.images");
  refused([](SweepOptions& o) { o.modes = 9; }, "options.modes");
  refused([](SweepOptions& o) { o.spectrum.complex_eigenvalues = true; },
          "options.complex_eigenvalues");
  refused([](SweepOptions& o) { o.evaluation.images = 51; }, "options.evaluation_images");
  refused([](SweepOptions& o) { o.seed = 7; }, "seed = 6, now 7");
  options_ = same;
  AnalysisInput other = Input();
  other.model["sha256"] = "another";
  ExpectError([&] { RunSweep(other, options_, {Path("run")}); }, {"model.sha256"});
}

TEST_F(SweepTest, AFolderThatIsNoRunIsLeftAlone) {
  fs::create_directory(Path("photos"));
  WriteFile(Path("photos") / "a.txt", "mine");
  ExpectError([&] { Run("photos", true); }, {"photos", "not a run"});
  EXPECT_EQ(RunFiles(Path("photos")), (Files{{"a.txt", "mine"}}));
}

TEST_F(SweepTest, MisuseLeavesNoFolder) {
  const SweepOptions good = options_;
  const auto refused = [&](auto&& change, std::initializer_list<std::string> pieces) {
    options_ = good;
    change(options_);
    ExpectError([&] { Run("run"); }, pieces);
    EXPECT_FALSE(fs::exists(Path("run")));
  };
  refused([](SweepOptions& o) { o.images = {}; }, {"at least one image"});
  refused([](SweepOptions& o) { o.images = {1, 1}; }, {"given twice"});
  refused([](SweepOptions& o) { o.images = {60}; }, {"image 60", "0 to 59"});
  refused([](SweepOptions& o) { o.images = {-1}; }, {"image -1"});
  refused([](SweepOptions& o) { o.sigmas = {0.1, 0.0}; }, {"sigma is 0", "above 0"});
  refused([](SweepOptions& o) { o.sigmas = {0.1, 0.10000001}; }, {"the same to 6 decimals"});
  refused([](SweepOptions& o) { o.shards = 0; }, {"shard 0 of 0"});
  refused([](SweepOptions& o) { o.shard = 1; }, {"shard 1 of 1"});
  refused([](SweepOptions& o) { o.jacobian.block = -1; }, {"block"});
  refused([](SweepOptions& o) { o.evaluation.replicates = 3; }, {"20 replicates"});
  refused([](SweepOptions& o) { o.spectrum.vectors = 0; }, {"vector"});
}

TEST_F(SweepTest, AutomaticSigmasReachThreeTimesTheRootOfTheLargestVariance) {
  options_.sigmas = {};
  const SweepOptions resolved = ResolveSweep(options_, Input());
  ASSERT_EQ(resolved.sigmas.size(), 12u);
  EXPECT_NEAR(resolved.sigmas.front(), 0.02, 1e-12);
  EXPECT_NEAR(resolved.sigmas.back(), 3 * std::sqrt(pca_->eigenvalues[0]), 1e-12);
  pca_ = nullptr;
  ExpectError([&] { ResolveSweep(options_, Input()); }, {"auto", "training set", "no reason"});
}

TEST_F(SweepTest, WithoutATrainingSetLeavesTheLinearPartsOut) {
  pca_ = nullptr;
  const RunFolder run = Run("run");
  EXPECT_EQ(run.Manifest()["status"], "complete");
  EXPECT_EQ(run.Manifest()["no_linear_comparison"], "no reason");
  EXPECT_FALSE(run.ReadEmergence().has_value());
  EXPECT_FALSE(fs::exists(run.Path() / "emergence.csv"));
  for (const Cell& cell : run.ReadCells()) {
    EXPECT_FALSE(cell.HasLinear());
    EXPECT_EQ(cell.deep.pca_gain.size(), 0);
    EXPECT_EQ(cell.deep.band_gain.size(), 17);
  }
  for (const std::string& column : ReadCsv(run.Path() / "summary.csv").columns)
    EXPECT_NE(column.rfind("linear_", 0), 0u) << column;
  for (const Evaluation& e : run.ReadEvaluations()) {
    EXPECT_GT(e.mse, 0);
    EXPECT_EQ(e.resolved.size(), 0);
  }
  EXPECT_EQ(run.ReadReference().n, 0);
}

TEST_F(SweepTest, WithoutAnEvaluationHasCellsAlone) {
  options_.evaluation.images = 0;
  const RunFolder run = Run("run");
  EXPECT_EQ(run.CellNames(), std::vector<std::string>(kUnits.begin() + 2, kUnits.end() - 2));
  EXPECT_TRUE(run.ReadEvaluations().empty());
  EXPECT_EQ(run.ReadEmergence()->deep[0].resolved.censored, Censoring::kNotComputed);
}

// A set of one photo cannot be evaluated over many images: it once could not be analysed either.
TEST_F(SweepTest, OnePhotoCanBeAnalysed) {
  const ImageSet one = images_.Subset(0, 1);
  options_.images = {0};
  const AnalysisInput input = {
      *denoiser_, one, nullptr, "", "one photo", nulls_, Json::object(), Json::object()};
  const RunFolder run = RunSweep(input, options_, {Path("run")});
  EXPECT_EQ(run.CellNames().size(), 2u);
  EXPECT_TRUE(run.ReadEvaluations().empty());
}

// 1e-9 was accepted once, and its cells were named as those of sigma 0.
TEST_F(SweepTest, RefusesANoiseLevelThatRoundsToZeroInNames) {
  options_.sigmas = {1e-9};
  ExpectError([&] { Run("never"); }, {"analyze: sigma is 1e-09, expected at least 0.000001"});
  EXPECT_FALSE(fs::exists(Path("never")));
}

}  // namespace
}  // namespace denoscope
