#include "denoscope/studies/diffuse/diffuse_study.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/results/npz_members.h"
#include "denoscope/studies/diffuse/diffuse_tables.h"
#include "tests/support/expect_error.h"
#include "tests/support/run_files.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_images.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-9;

// Rows of a table where text columns hold these texts.
Table Rows(const Table& table, const std::vector<std::pair<std::string, std::string>>& where) {
  Table rows = {table.columns, {}};
  for (const auto& row : table.rows) {
    bool all = true;
    for (const auto& [column, text] : where) all = all && row[table.Column(column)] == text;
    if (all) rows.rows.push_back(row);
  }
  return rows;
}

class DiffuseStudyTest : public testing::Test {
 protected:
  DiffuseStudyTest() {
    options_.schedule = {Schedule::kKarras, 12, 5, 0.02, 7};
    options_.n = 40;
    options_.rank = 4;
    options_.trials = 14;
    options_.starts = 10;
    options_.modes = 5;
    options_.taus = {1, 3};
    options_.seed = 6;
  }
  ~DiffuseStudyTest() override { ClearCancel(); }

  RunFolder Run(const std::string& name, bool force = false) const {
    return RunDiffuseStudy({train_, test_, {{"command", "c"}}}, options_, {Path(name), force});
  }
  Table Read(const std::string& name) const { return ReadCsv(Path("run") / name); }
  Reference ReadReference() const {
    const fs::path path = Path("run") / "reference.npz";
    return ReferenceFromNpz(ReadNpz(path), path.string());
  }
  fs::path Path(const std::string& name) const { return temp_.Path(name); }

  const ImageSet train_ = TinyImages("train", 300, {1, 8, 8}, 1);
  const ImageSet test_ = TinyImages("test", 60, {1, 8, 8}, 2);
  DiffuseStudyOptions options_;

 private:
  TempDir temp_;
};

TEST_F(DiffuseStudyTest, WritesTheRunFolderOfItsFormat) {
  const RunFolder run = Run("run");
  const Json manifest = ReadJson(run.Path() / "run.json");
  EXPECT_EQ(manifest["kind"], "diffuse");
  EXPECT_EQ(manifest["status"], "complete");
  EXPECT_EQ(manifest["command"], "c");
  EXPECT_EQ(manifest["identity"]["options"]["samples"], "images");
  EXPECT_EQ(manifest["identity"]["options"]["schedule"]["kind"], "karras");
  EXPECT_EQ(manifest["identity"]["data"]["split"], "test");
  EXPECT_EQ(run.CellNames(), (std::vector<std::string>{"trials_0000-0009", "trials_0010-0013"}));
  // DDIM and flow visit the 12 levels, the others a clean state too; learned: one schedule.
  EXPECT_EQ(Read("steps.csv").rows.size(), 3u * (2 * 12 + 3 * 13) + 5u * 13);
  EXPECT_EQ(Read("spectra.csv").rows.size(), 10u * 64);
  EXPECT_EQ(Read("collapse.csv").rows.size(), 3u * 5 + 5);
  EXPECT_EQ(Read("power.csv").rows.size(), 3u * 12);
  EXPECT_EQ(Read("ddim.csv").rows.size(), 3u * 7);
  EXPECT_EQ(Read("operators.csv").rows.size(), 2u * 2 * 2 * 4);
  EXPECT_EQ(Read("bases.csv").rows.size(), 2u * 12 * 4);
  EXPECT_EQ(Read("assumption.csv").rows.size(), 2u * 11);
  EXPECT_EQ(ReadNpz(run.Path() / "operators.npz").at("fresh_high_3").shape, (Shape{4, 4}));
  EXPECT_EQ(ReadNpz(run.Path() / "samples.npz").at("flow").shape, (Shape{8, 1, 8, 8}));
  for (const auto& entry : fs::directory_iterator(run.Path())) {
    if (entry.path().extension() != ".csv") continue;
    EXPECT_FALSE(ReadCsv(entry.path()).rows.empty()) << entry.path();
  }
}

// Each mode of the starts times what the steps' factors multiply to.
TEST_F(DiffuseStudyTest, OutputSpectraAreThoseOfTheDefinitions) {
  Run("run");
  const VectorXd lambda = PcaOf(train_).eigenvalues;
  const VectorXd levels = NoiseLevels(options_.schedule);
  const Table spectra = Read("spectra.csv");
  const Table wiener = Rows(spectra, {{"process", "wiener"}});
  const Table flow = Rows(spectra, {{"process", "flow"}});
  const Table projection = Rows(spectra, {{"process", "projection"}});
  for (std::size_t k = 0; k < 6; ++k) {
    const double l = lambda(static_cast<Index>(k));
    double factor = 1;
    for (const double s : levels) factor *= l / (l + s * s);
    EXPECT_NEAR(NumberAt(wiener, k, "output") / NumberAt(wiener, k, "start"),
                factor * factor,
                kRounding * factor * factor);
    EXPECT_EQ(NumberAt(wiener, k, "expected"), l);
    const double end = l + levels(11) * levels(11), start = l + levels(0) * levels(0);
    EXPECT_NEAR(NumberAt(flow, k, "output") / NumberAt(flow, k, "start"), end / start, kRounding);
    EXPECT_NEAR(NumberAt(flow, k, "expected"), end, kRounding);
    EXPECT_NEAR(
        NumberAt(projection, k, "output"), k < 4 ? NumberAt(flow, k, "start") : 0, kRounding);
  }
}

TEST_F(DiffuseStudyTest, UnitsAddUpToTheTrials) {
  Run("run");
  const Reference reference = ReadReference();
  const DiffuseProblem problem = MakeDiffuseProblem(options_, reference);
  options_.samples = SampleKind::kGaussian;
  Run("gaussian");
  const LearnedDiffusion whole =
      ComputeDiffuseUnit(GaussianSource(problem.lambda), problem, options_, {0, 14}, {}).Result();
  const Table steps =
      Rows(ReadCsv(Path("gaussian") / "steps.csv"), {{"process", "learned-accumulated"}});
  const ProcessTrace& trace = whole.traces[1];
  ASSERT_EQ(trace.process, "learned-accumulated");
  for (std::size_t j = 0; j < 13; ++j) {
    const auto state = static_cast<Index>(j);
    EXPECT_NEAR(NumberAt(steps, j, "cosine"), trace.cosine(state), kRounding);
    EXPECT_NEAR(NumberAt(steps, j, "cosine_error"), trace.cosine_error(state), kRounding);
    EXPECT_NEAR(NumberAt(steps, j, "ratio_2"), trace.mode_ratios(2, state), kRounding);
    EXPECT_NEAR(NumberAt(steps, j, "diversity"), trace.diversity(state), 1e-6);
  }
  const Table operators = Rows(ReadCsv(Path("gaussian") / "operators.csv"),
                               {{"noise", "fresh"}, {"regime", "low"}, {"tau", "3"}});
  const PartialOperators& partial = whole.fresh.partials.back();
  ASSERT_EQ(operators.rows.size(), 4u);
  for (std::size_t k = 0; k < 4; ++k) {
    const auto mode = static_cast<Index>(k);
    EXPECT_NEAR(NumberAt(operators, k, "diagonal"), partial.mean(mode, mode), kRounding);
    EXPECT_NEAR(NumberAt(operators, k, "aligned"), partial.aligned(mode), kRounding);
    EXPECT_EQ(NumberAt(operators, k, "sigma_last"), 0.02);
  }
}

// Images have the spectrum of the Gaussian samples and much the same bases, not the same ones.
TEST_F(DiffuseStudyTest, SamplesAreImagesOrGaussian) {
  Run("run");
  options_.samples = SampleKind::kGaussian;
  Run("gaussian");
  const Table images = Rows(Read("bases.csv"), {{"noise", "fresh"}, {"k", "0"}});
  const Table gaussian =
      Rows(ReadCsv(Path("gaussian") / "bases.csv"), {{"noise", "fresh"}, {"k", "0"}});
  EXPECT_GT(NumberAt(images, 11, "alignment"), 0.8);
  EXPECT_GT(NumberAt(gaussian, 11, "alignment"), 0.8);
  EXPECT_NE(NumberAt(images, 11, "alignment"), NumberAt(gaussian, 11, "alignment"));
}

TEST_F(DiffuseStudyTest, PowerRowsAreThoseOfTheRatios) {
  Run("run");
  const Table power = Rows(Read("power.csv"), {{"schedule", "geometric"}});
  const VectorXd lambda = PcaOf(train_).eigenvalues.head(5);
  ScheduleOptions schedule = options_.schedule;
  schedule.kind = Schedule::kGeometric;
  const VectorXd levels = NoiseLevels(schedule);
  VectorXd wiener = VectorXd::Ones(5), iterated = wiener;
  double sum = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const double variance = std::pow(levels(static_cast<Index>(i)), 2);
    wiener.array() *= lambda.array() / (lambda.array() + variance);
    iterated.array() *= lambda.array();
    sum += lambda(0) / variance;
    const VectorXd gap =
        (wiener / wiener(0)).cwiseQuotient(iterated / iterated(0)).array().abs() - 1;
    EXPECT_NEAR(NumberAt(power, i, "gap"), gap.maxCoeff(), 1e-6 * gap.maxCoeff());
    EXPECT_NEAR(NumberAt(power, i, "ratio_sum"), sum, kRounding * sum);
  }
  EXPECT_LT(NumberAt(power, 0, "gap"), NumberAt(power, 0, "ratio_sum"));
}

TEST_F(DiffuseStudyTest, DdimConvergesAtFirstOrder) {
  const Table ddim = DdimTable(options_, PcaOf(train_).eigenvalues);
  for (const char* schedule : {"karras", "geometric"}) {
    const Table rows = Rows(ddim, {{"schedule", schedule}});
    EXPECT_EQ(NumberAt(rows, 6, "levels"), 1600);
    EXPECT_NEAR(NumberAt(rows, 5, "gain_error") / NumberAt(rows, 6, "gain_error"), 2, 0.1);
  }
}

TEST_F(DiffuseStudyTest, SamplesKeepTheStates) {
  Run("run");
  const Npz npz = ReadNpz(Path("run") / "samples.npz");
  const NpzReader samples(npz, "samples.npz");
  const MatrixXd U = ReadReference().basis.cast<double>().leftCols(4);
  const MatrixXd starts = samples.Matrix("starts").transpose();
  const MatrixXd projected = samples.Matrix("projection").transpose();
  EXPECT_LT((U * U.transpose() * starts - projected).norm(), 1e-5 * projected.norm());
}

TEST_F(DiffuseStudyTest, InterruptedAndResumedGivesTheSameBytes) {
  Run("straight");
  options_.threads = 2;
  const auto sink = [](const Progress& p) {
    if (p.task == "learned bases" && p.done == 1) RequestCancel();
  };
  ExpectError(
      [&] {
        RunDiffuseStudy({train_, test_, {}}, options_, {Path("stopped"), false, sink});
      },
      {"1 of 2 units", "the same command resumes"});
  ClearCancel();
  EXPECT_FALSE(fs::exists(Path("stopped") / "steps.csv"));
  Run("stopped");
  EXPECT_TRUE(RunFiles(Path("stopped")) == RunFiles(Path("straight")));
}

TEST_F(DiffuseStudyTest, ACompleteRunAndOtherOptionsAreRefused) {
  Run("run");
  ExpectError([&] { Run("run"); }, {"complete", "--force"});
  options_.rank = 3;
  ExpectError([&] { Run("run"); }, {"options.rank = 4, now 3"});
}

TEST_F(DiffuseStudyTest, GivenLevelsComeBesideTheSchedules) {
  options_.sigmas = {3, 1, 0.2};
  const std::vector<NamedLevels> all = StudiedLevels(options_);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].name, "given");
  EXPECT_EQ(all[0].levels, Eigen::Vector3d(3, 1, 0.2));
  EXPECT_EQ(all[2].name, "geometric");
  EXPECT_NEAR(all[2].levels(1), std::sqrt(0.6), kRounding);
}

// rho was 7 beside given levels once, whatever was asked for.
TEST_F(DiffuseStudyTest, RhoShapesKarrasLevelsBesideGivenOnes) {
  options_.sigmas = {4, 2, 1};
  options_.schedule.rho = 2;
  const NamedLevels karras = StudiedLevels(options_)[1];
  EXPECT_EQ(karras.name, "karras");
  EXPECT_NEAR(karras.levels(1), 2.25, kRounding);  // the square of half way from 2 to 1
  options_.schedule.rho = 0;
  ExpectError([&] { options_.Check(); }, {"rho is 0"});
}

TEST_F(DiffuseStudyTest, ModesAreVisibleBelowTheCriticalLevel) {
  const VectorXd levels = Eigen::Vector4d(8, 4, 2, 1), lambda = Eigen::Vector4d(9, 1, 1, 1);
  EXPECT_EQ(FirstVisibleLevel(levels, lambda, 4), 2);   // below 3
  EXPECT_EQ(FirstVisibleLevel(levels, lambda, 64), 1);  // below 6
  EXPECT_EQ(FirstVisibleLevel(levels, lambda * 1e-6, 4), 0);
}

TEST_F(DiffuseStudyTest, MisuseLeavesNoFolder) {
  const DiffuseStudyOptions good = options_;
  const auto refused = [&](auto&& change, std::initializer_list<std::string> pieces) {
    options_ = good;
    change(options_);
    ExpectError([&] { Run("run"); }, pieces);
    EXPECT_FALSE(fs::exists(Path("run")));
  };
  using O = DiffuseStudyOptions;
  refused([](O& o) { o.n = 1; }, {"n is 1"});
  refused([](O& o) { o.n = 61; }, {"n is 61, expected at most the 60 images of 'tiny' (test)"});
  refused([](O& o) { o.rank = 40; }, {"rank is 40", "39"});
  refused([](O& o) { o.rank = 0; }, {"rank is 0"});
  refused([](O& o) { o.trials = 0; }, {"trials is 0"});
  refused([](O& o) { o.starts = 1; }, {"starts is 1, expected at least 2"});
  refused([](O& o) { o.modes = 1; }, {"modes is 1, expected at least 2"});
  refused([](O& o) { o.taus = {}; }, {"no tau"});
  refused([](O& o) { o.taus = {2, 2}; }, {"tau 2 is given twice"});
  refused([](O& o) { o.taus = {0}; }, {"tau is 0"});
  refused([](O& o) { o.sigmas = {1, 2}; }, {"noise level 1 is 2 after 1", "decreasing"});
  refused([](O& o) { o.schedule.smallest = 9; }, {"smallest is 9"});
}

TEST_F(DiffuseStudyTest, ConstantAndMisfittingImagesAreRefused) {
  const ImageSet constant("flat", "train", torch::full({50, 1, 8, 8}, 7, torch::kUInt8), "hash");
  const ImageSet other = TinyImages("train", 50, {1, 8, 6}, 1);
  const ImageSet large = TinyImages("train", 3, {1, 65, 64}, 1);
  const auto run = [&](const ImageSet& train, const ImageSet& test) {
    RunDiffuseStudy({train, test, {}}, options_, {Path("run")});
  };
  ExpectError([&] { run(constant, test_); }, {"all 50 images of 'flat' (train) are the same"});
  ExpectError([&] { run(other, test_); }, {"48", "64", "the same size"});
  ExpectError([&] { run(large, large); }, {"d = 4160", "at most 4096"});
  EXPECT_FALSE(fs::exists(Path("run")));
}

}  // namespace
}  // namespace denoscope
