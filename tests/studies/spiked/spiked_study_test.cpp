#include "denoscope/studies/spiked/spiked_study.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/base/random.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/studies/spiked/spiked_units.h"
#include "denoscope/theory/optimal/kappa.h"
#include "denoscope/theory/spiked/marchenko_pastur.h"
#include "denoscope/theory/spiked/mode_mixing.h"
#include "denoscope/theory/spiked/spiked_covariance.h"
#include "tests/support/expect_error.h"
#include "tests/support/run_files.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

constexpr double kRounding = 1e-12;

class SpikedStudyTest : public testing::Test {
 protected:
  SpikedStudyTest() {
    options_.d = {20, 12};
    options_.ratios = {2, 0.5};
    options_.strengths = {4, 0.5, 2};
    options_.sigmas = {1, 0.3};
    options_.modes = 4;
    options_.trials = 12;
    options_.seed = 6;
  }
  ~SpikedStudyTest() override { ClearCancel(); }

  RunFolder Run(const std::string& name, bool force = false) const {
    return RunSpikedStudy(options_, {{"command", "c"}}, {Path(name), force});
  }
  Table Read(const std::string& name) const { return ReadCsv(Path("run") / name); }
  fs::path Path(const std::string& name) const { return temp_.Path(name); }

  SpikedStudyOptions options_;

 private:
  TempDir temp_;
};

TEST_F(SpikedStudyTest, WritesTheRunFolderOfItsFormat) {
  const RunFolder run = Run("run");
  const Json manifest = ReadJson(run.Path() / "run.json");
  EXPECT_EQ(manifest["kind"], "spiked");
  EXPECT_EQ(manifest["status"], "complete");
  EXPECT_EQ(manifest["command"], "c");
  EXPECT_EQ(manifest["identity"]["seed"], 6);
  EXPECT_EQ(manifest["identity"]["options"]["d"], Json({12, 20}));
  EXPECT_EQ(manifest["identity"]["options"]["sigmas"], Json({0.3, 1}));
  // (2 sizes of d + modes + plug-in + regression) x 2 n x 2 blocks of trials, the bulk in one block
  EXPECT_EQ(run.CellNames().size(), 22u);
  const Npz modes = ReadNpz(run.CellPath("modes_d-00012_n-000024_trial-0010"));
  EXPECT_EQ(modes.at("cos2").shape, (Shape{2, 2, 4}));
  EXPECT_EQ(ReadNpz(run.CellPath("plug-in_d-00012_n-000006_trial-0000")).at("gains").shape,
            (Shape{10, 2, 12}));
  EXPECT_EQ(Read("spikes.csv").rows.size(), 2u * 2u * 3u);
  EXPECT_EQ(Read("bulk_spikes.csv").rows.size(), 2u * 3u);
  EXPECT_EQ(Read("modes.csv").rows.size(), 2u * 2u * 4u);
  EXPECT_EQ(Read("aligning.csv").rows.size(), 2u * 4u);
  EXPECT_EQ(Read("learning.csv").rows.size(), 2u * 2u * 2u);
  EXPECT_EQ(Read("gains.csv").rows.size(), 2u * 2u * 2u * 12u);
}

TEST_F(SpikedStudyTest, MeansAndErrorsAreThoseOfTheTrialsInTheCells) {
  const RunFolder run = Run("run");
  std::vector<double> cos2;  // of d = 20, n = 40, the strongest of the three
  for (const char* block : {"0000", "0010"}) {
    const std::string name = fmt::format("spike_d-00020_n-000040_trial-{}", block);
    const Array array = ReadNpz(run.CellPath(name)).at("cos2");
    const std::vector<double> values = array.AsDoubles();
    for (std::size_t i = 2; i < values.size(); i += 3) cos2.push_back(values[i]);
  }
  ASSERT_EQ(cos2.size(), 12u);
  double mean = 0, squares = 0;
  for (const double c : cos2) mean += c / 12;
  for (const double c : cos2) squares += (c - mean) * (c - mean);
  const Table spikes = Read("spikes.csv");
  const std::size_t row = 11;
  EXPECT_EQ(NumberAt(spikes, row, "n"), 40);
  EXPECT_EQ(NumberAt(spikes, row, "strength_in_thresholds"), 4);
  const double gamma = 20.0 / 39, t = 4 * std::sqrt(gamma);
  EXPECT_NEAR(NumberAt(spikes, row, "cos2"), mean, kRounding);
  EXPECT_NEAR(NumberAt(spikes, row, "cos2_error"), std::sqrt(squares / (11 * 12)), kRounding);
  EXPECT_NEAR(NumberAt(spikes, row, "cos2_theory"), SpikeAlignment(t, gamma), kRounding);
  EXPECT_NEAR(NumberAt(spikes, row, "eigenvalue_theory"), SpikeEigenvalue(t, gamma), kRounding);
  const double gain = t * SpikeAlignment(t, gamma) / (t * SpikeAlignment(t, gamma) + 1);
  EXPECT_NEAR(NumberAt(spikes, row, "best_gain"), gain, kRounding);
  EXPECT_NEAR(NumberAt(spikes, row, "best_mse"), GainError(gain, {t, mean}), kRounding);
}

TEST_F(SpikedStudyTest, TheBulkHoldsItsShareOfTheLaw) {
  options_.d = {60};
  options_.ratios = {0.5, 2};
  Run("run");
  const Table bulk = Read("bulk.csv");
  for (const double n : {30.0, 120.0}) {
    double simulated = 0, theory = 0;
    for (std::size_t i = 0; i < bulk.rows.size(); ++i)
      if (NumberAt(bulk, i, "n") == n) {
        const double width = NumberAt(bulk, i, "high") - NumberAt(bulk, i, "low");
        simulated += width * NumberAt(bulk, i, "density");
        theory += width * NumberAt(bulk, i, "density_theory");
      }
    const double continuous = 1 - MarchenkoPastur(60 / (n - 1)).AtomAtZero();
    EXPECT_NEAR(theory, continuous, 1e-9);
    // 2 spikes of 60 leave the histogram, a few eigenvalues blur over its ends
    EXPECT_NEAR(simulated, continuous, 5.0 / 60) << n;
  }
}

TEST_F(SpikedStudyTest, TheoriesAreThoseOfTheWholeSpectrumAndOfCentredSamples) {
  options_.d = {12};
  options_.spectrum = {1, 6, 3};
  options_.ratios = {2};
  Run("run");
  const Table modes = Read("modes.csv"), learning = Read("learning.csv");
  ASSERT_EQ(modes.rows.size(), 2u * 3u);
  Eigen::VectorXd lambda = Eigen::VectorXd::Zero(12);
  lambda.head(3) << 6, 3, 1;
  const std::size_t row = 4;  // sigma 1, k 1
  EXPECT_EQ(NumberAt(modes, row, "lambda"), 3);
  EXPECT_NEAR(NumberAt(modes, row, "cos2_mixed"), MixedAlignment({lambda, 23}, 1, 1), kRounding);
  EXPECT_NEAR(NumberAt(modes, row, "cos2_spiked"), SpikeAlignment(3, 12.0 / 23), kRounding);
  const LearnedDenoiser theory = PlugInTheory({lambda, 0.3, 24, true});
  EXPECT_EQ(learning.rows[0][learning.Column("method")], "plug-in");
  EXPECT_NEAR(NumberAt(learning, 0, "mse_theory"), theory.mse, kRounding);
  EXPECT_NEAR(NumberAt(learning, 0, "kappa"), theory.kappa, kRounding);
}

TEST_F(SpikedStudyTest, InterruptedAndResumedGivesTheSameBytes) {
  Run("straight");
  for (const std::int64_t units : {0, 5, 21}) {
    const std::string name = "stopped" + std::to_string(units);
    const auto sink = [units](const Progress& p) {
      if (p.done == units) RequestCancel();
    };
    ExpectError(
        [&] {
          RunSpikedStudy(options_, {}, {Path(name), false, sink});
        },
        {fmt::format("{} of 22 units", units), "the same command resumes"});
    ClearCancel();
    EXPECT_EQ(RunFolder::Open(Path(name)).CellNames().size(), static_cast<std::size_t>(units));
    EXPECT_FALSE(fs::exists(Path(name) / "spikes.csv"));
    Run(name);
    EXPECT_TRUE(RunFiles(Path(name)) == RunFiles(Path("straight"))) << name;
  }
}

TEST_F(SpikedStudyTest, TrialsOfDifferentSizesAreIndependentAndSeedsCount) {
  const RunFolder run = Run("run");
  const auto first = [](const RunFolder& folder, const std::string& name) {
    return ReadNpz(folder.CellPath(name)).at("cos2").AsDoubles()[0];
  };
  options_.seed = 7;
  const RunFolder other = Run("other");
  const std::string name = "spike_d-00020_n-000040_trial-0000";
  EXPECT_NE(first(run, name), first(other, name));
  const std::uint64_t seed = StreamSeed(6, "spiked study spike d 20 n 40");
  EXPECT_NE(seed, StreamSeed(6, "spiked study spike d 20 n 10"));
}

TEST_F(SpikedStudyTest, ACompleteRunAndOtherOptionsAreRefused) {
  Run("run");
  ExpectError([&] { Run("run"); }, {"complete", "--force"});
  const Files before = RunFiles(Path("run"));
  Run("run", true);
  EXPECT_TRUE(RunFiles(Path("run")) == before);
  options_.trials = 13;
  ExpectError([&] { Run("run"); }, {"options.trials = 12, now 13"});
}

TEST_F(SpikedStudyTest, MisuseLeavesNoFolder) {
  const SpikedStudyOptions good = options_;
  const auto refused = [&](auto&& change, std::initializer_list<std::string> pieces) {
    options_ = good;
    change(options_);
    ExpectError([&] { Run("run"); }, pieces);
    EXPECT_FALSE(fs::exists(Path("run")));
  };
  using O = SpikedStudyOptions;
  refused([](O& o) { o.d = {}; }, {"at least one d"});
  refused([](O& o) { o.d = {12, 3}; }, {"d is 3, expected at least 4"});
  refused([](O& o) { o.d = {12, 12}; }, {"d 12 is given twice"});
  refused([](O& o) { o.ratios = {0.05}; }, {"gives n = 1, expected at least 2 samples"});
  refused([](O& o) { o.ratios = {1, 1.01}; }, {"two ratios n/d give n = 20"});
  refused([](O& o) { o.ratios = {-1}; }, {"n/d is -1"});
  refused([](O& o) { o.strengths = {1, 0}; }, {"strength is 0", "above 0"});
  refused([](O& o) { o.strengths = {NAN}; }, {"strength is nan"});
  refused([](O& o) { o.sigmas = {-0.1}; }, {"sigma is -0.1"});
  refused([](O& o) { o.spectrum = {2, -1}; }, {"variance", "-1", "at least 0"});
  refused([](O& o) { o.spectrum = {0, 0}; }, {"all variances"});
  refused([](O& o) { o.spectrum = std::vector<double>(6, 1); },
          {"rank of the spectrum is 6, expected at most 5 (d = 12, n = 6)"});
  refused([](O& o) { o.modes = 6; }, {"modes is 6, expected 1 to 5 (d = 12, n = 6)"});
  refused([](O& o) { o.modes = 0; }, {"modes is 0"});
  refused([](O& o) { o.power_scale = 0; }, {"power law 0:1.2"});
  refused([](O& o) { o.trials = 1; }, {"trials is 1"});
}

}  // namespace
}  // namespace denoscope
