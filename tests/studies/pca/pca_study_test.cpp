#include "denoscope/studies/pca/pca_study.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"
#include "denoscope/studies/pca/pca_tables.h"
#include "denoscope/theory/optimal/wiener.h"
#include "denoscope/theory/spiked/mode_mixing.h"
#include "denoscope/theory/spiked/spiked_covariance.h"
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
using Files = std::map<std::string, std::string>;

constexpr double kRounding = 1e-12, kFloatRounding = 1e-5;

MatrixXd Columns(const ImageSet& images) {
  return ToMatrixD(images.Range(0, images.Count()).flatten(1)).transpose();
}

class PcaStudyTest : public testing::Test {
 protected:
  PcaStudyTest() {
    options_.n = {40, 20};
    options_.sigmas = {0.5, 0.1, 0.02};
    options_.draws = 3;
    options_.modes = 5;
    options_.seed = 6;
  }
  ~PcaStudyTest() override { ClearCancel(); }

  RunFolder Run(const std::string& name, bool force = false) const {
    return RunPcaStudy({train_, test_, {{"command", "c"}}}, options_, {Path(name), force});
  }
  Table Read(const std::string& name) const { return ReadCsv(Path("run") / name); }
  fs::path Path(const std::string& name) const { return temp_.Path(name); }

  const ImageSet train_ = TinyImages("train", 300, {1, 8, 8}, 1);
  const ImageSet test_ = TinyImages("test", 60, {1, 8, 8}, 2);
  PcaStudyOptions options_;

 private:
  TempDir temp_;
};

TEST_F(PcaStudyTest, WritesTheRunFolderOfItsFormat) {
  const RunFolder run = Run("run");
  const Json manifest = ReadJson(run.Path() / "run.json");
  EXPECT_EQ(manifest["kind"], "pca");
  EXPECT_EQ(manifest["status"], "complete");
  EXPECT_EQ(manifest["command"], "c");
  const Json& identity = manifest["identity"];
  EXPECT_EQ(identity["options"]["n"], Json({20, 40}));
  EXPECT_EQ(identity["options"]["sigmas"], Json({0.02, 0.1, 0.5}));
  EXPECT_EQ(identity["data"]["split"], "test");
  EXPECT_EQ(identity["reference"]["split"], "train");
  EXPECT_EQ(identity["reference"]["images"], 300);
  EXPECT_EQ(run.CellNames().size(), 2u * 2u * 3u * 3u);
  const Npz cell = ReadNpz(run.CellPath("images_n-000040_sig-0.100000_draw-02"));
  EXPECT_EQ(cell.at("cosines").shape, (Shape{5}));
  EXPECT_EQ(cell.at("subspace_share").shape, (Shape{5, 4}));  // ranks 1, 2, 4, 5
  EXPECT_EQ(Read("spectrum.csv").rows.size(), 64u);
  EXPECT_EQ(Read("wiener.csv").rows.size(), 3u);
  EXPECT_EQ(Read("gains.csv").rows.size(), 3u * 5u);
  EXPECT_EQ(Read("alignment.csv").rows.size(), 2u * 3u * 5u);
  EXPECT_EQ(Read("subspaces.csv").rows.size(), 2u * 3u * 4u);
  EXPECT_EQ(Read("above_edge.csv").rows.size(), 2u * 3u);
  EXPECT_EQ(Read("aligning.csv").rows.size(), 2u * 5u);
  EXPECT_EQ(Read("statistics.csv").rows.size(), 2u * 4u);
  EXPECT_EQ(Read("theories.csv").rows.size(), 2u * 6u);
  for (const auto& entry : fs::directory_iterator(run.Path())) {
    if (entry.path().extension() != ".csv") continue;
    EXPECT_FALSE(ReadCsv(entry.path()).rows.empty()) << entry.path();
  }
}

TEST_F(PcaStudyTest, TheReferenceIsThePcaOfTheTrainingImages) {
  Run("run");
  const Pca pca = PcaOf(train_);
  const Table spectrum = Read("spectrum.csv");
  const MatrixXd centred = Columns(train_).colwise() - pca.mean;
  for (std::size_t k = 0; k < 5; ++k) {
    const auto mode = static_cast<Index>(k);
    EXPECT_NEAR(NumberAt(spectrum, k, "lambda"), pca.eigenvalues(mode), kRounding);
    EXPECT_NEAR(NumberAt(spectrum, k, "sigma_half"), std::sqrt(pca.eigenvalues(mode)), kRounding);
    const VectorXd energies = (centred.transpose() * pca.basis.col(mode)).cwiseAbs2();
    const double spread = (energies.array() - energies.mean()).matrix().norm();
    EXPECT_NEAR(NumberAt(spectrum, k, "lambda_error"), spread / std::sqrt(299.0 * 300), 1e-6);
  }
  EXPECT_NEAR(NumberAt(spectrum, 63, "share_up_to_here"), 1, kRounding);
  // The k-th amplitude lies on one DCT vector: TinyDeviations.
  const DctBasis dct({1, 8, 8});
  EXPECT_NEAR(NumberAt(spectrum, 0, "frequency"), dct.Frequencies()(1), 0.1);
}

TEST_F(PcaStudyTest, WienersErrorIsThatOfItsDefinition) {
  Run("run");
  const Pca pca = PcaOf(train_);
  const Table wiener = Read("wiener.csv");
  const MatrixXd centred = Columns(test_).colwise() - pca.mean;
  for (std::size_t s = 0; s < 3; ++s) {
    const double sigma = NumberAt(wiener, s, "sigma");
    const MatrixXd W = WienerMatrix(pca, sigma);
    const VectorXd errors = (centred - W * centred).colwise().squaredNorm().transpose().array() +
                            sigma * sigma * W.squaredNorm();
    EXPECT_NEAR(NumberAt(wiener, s, "held_out_mse"), errors.mean() / 64, 1e-7);
    const double spread = (errors.array() - errors.mean()).matrix().norm();
    EXPECT_NEAR(
        NumberAt(wiener, s, "held_out_mse_error"), spread / std::sqrt(59.0 * 60) / 64, 1e-7);
    EXPECT_NEAR(NumberAt(wiener, s, "wiener_mse"), WienerMse(pca.eigenvalues, sigma), kRounding);
    EXPECT_NEAR(NumberAt(wiener, s, "wiener_trace"), W.trace(), 1e-9);
  }
}

TEST_F(PcaStudyTest, MeansAndErrorsAreThoseOfTheDraws) {
  const RunFolder run = Run("run");
  const Table alignment = Read("alignment.csv");
  const std::size_t row = 15 + 5 + 2;  // n = 40, sigma 0.1, k = 2
  EXPECT_EQ(NumberAt(alignment, row, "n"), 40);
  EXPECT_EQ(NumberAt(alignment, row, "k"), 2);
  for (const std::string kind : {"images", "gaussian"}) {
    VectorXd cos2(3);
    for (int draw = 0; draw < 3; ++draw) {
      const std::string name = fmt::format("{}_n-000040_sig-0.100000_draw-{:02}", kind, draw);
      cos2(draw) = std::pow(ReadNpz(run.CellPath(name)).at("cosines").AsDoubles()[2], 2);
    }
    const double spread = (cos2.array() - cos2.mean()).matrix().norm();
    EXPECT_NEAR(NumberAt(alignment, row, kind + "_cos2"), cos2.mean(), kRounding);
    EXPECT_NEAR(NumberAt(alignment, row, kind + "_cos2_error"), spread / std::sqrt(6.0), kRounding);
  }
  const VectorXd lambda = PcaOf(train_).eigenvalues;
  EXPECT_NEAR(NumberAt(alignment, row, "cos2_mixed"), MixedAlignment({lambda, 39}, 2, 0.1), 1e-9);
  EXPECT_NEAR(
      NumberAt(alignment, row, "cos2_spiked"), SpikeAlignment(lambda(2) / 0.01, 64.0 / 39), 1e-9);
}

// With little noise and modes far apart, images and Gaussian samples show them all.
TEST_F(PcaStudyTest, WellSeparatedModesAlign) {
  Run("run");
  const Table alignment = Read("alignment.csv");
  for (const std::string kind : {"images", "gaussian"}) {
    EXPECT_GT(NumberAt(alignment, 15, kind + "_cos2"), 0.8) << kind;
    EXPECT_LT(NumberAt(alignment, 15 + 2 * 5 + 4, kind + "_cos2"), 0.5)
        << kind;  // sigma 0.5, k = 4
  }
}

TEST_F(PcaStudyTest, DrawsTakeOtherImagesWhileTheyLast) {
  const PcaReference reference = MakePcaReference(train_, test_, {5, 4096, {0.1}, 6});
  PcaBases bases(test_, reference, options_);
  const auto learn = [&](std::int64_t n, std::int64_t draw) {
    return bases.Learn({SampleKind::kImages, n, {0, draw}, 0.1}).eigenvalues;
  };
  EXPECT_GT((learn(20, 0) - learn(20, 1)).norm(), 0.01);
  const VectorXd first = learn(20, 0);
  learn(40, 1);
  EXPECT_TRUE(first == learn(20, 0)) << "depends on the order of units";
}

TEST_F(PcaStudyTest, InterruptedAndResumedGivesTheSameBytes) {
  Run("straight");
  for (const std::int64_t units : {0, 7, 35}) {
    const std::string name = "stopped" + std::to_string(units);
    const auto sink = [units](const Progress& p) {
      if (p.task == "noisy bases" && p.done == units) RequestCancel();
    };
    ExpectError(
        [&] {
          RunPcaStudy({train_, test_, {}}, options_, {Path(name), false, sink});
        },
        {fmt::format("{} of 36 bases", units), "the same command resumes"});
    ClearCancel();
    EXPECT_EQ(RunFolder::Open(Path(name)).CellNames().size(), static_cast<std::size_t>(units));
    EXPECT_FALSE(fs::exists(Path(name) / "alignment.csv"));
    Run(name);
    EXPECT_TRUE(RunFiles(Path(name)) == RunFiles(Path("straight"))) << name;
  }
}

TEST_F(PcaStudyTest, ACompleteRunAndOtherOptionsAreRefused) {
  Run("run");
  ExpectError([&] { Run("run"); }, {"complete", "--force"});
  const Files before = RunFiles(Path("run"));
  Run("run", true);
  EXPECT_TRUE(RunFiles(Path("run")) == before);
  options_.draws = 4;
  ExpectError([&] { Run("run"); }, {"options.draws = 3, now 4"});
}

TEST_F(PcaStudyTest, AutomaticSigmasAreThoseOfTheLargestVariance) {
  options_.sigmas = {};
  options_.n = {20};
  options_.draws = 1;
  const RunFolder run = Run("run");
  const Table wiener = Read("wiener.csv");
  ASSERT_EQ(wiener.rows.size(), 14u);
  EXPECT_NEAR(
      NumberAt(wiener, 13, "sigma"), 3 * std::sqrt(PcaOf(train_).eigenvalues(0)), kRounding);
  EXPECT_EQ(run.Manifest()["identity"]["options"]["sigmas"], "auto");
  EXPECT_TRUE(std::isnan(NumberAt(Read("alignment.csv"), 0, "images_cos2_error")));
}

// Streamed, the leading modes are the same, the rest of the spectrum a guess with the right sum.
TEST_F(PcaStudyTest, StreamedReferenceAgreesWithTheExactOne) {
  const ImageSet train = TinyImages("train", 300, {1, 16, 16}, 1);
  const ImageSet test = TinyImages("test", 60, {1, 16, 16}, 2);
  const PcaReference exact = MakePcaReference(train, test, {5, 4096, {0.1}, 6});
  const PcaReference streamed = MakePcaReference(train, test, {5, 0, {0.1}, 6});
  EXPECT_EQ(exact.measured, 256);
  EXPECT_EQ(streamed.measured, 5);
  EXPECT_LT((streamed.record.lambda.head(5) - exact.record.lambda.head(5)).norm(), kFloatRounding);
  EXPECT_NEAR(streamed.record.lambda.sum(), exact.record.lambda.sum(), 1e-4);
  const Eigen::MatrixXf overlaps = streamed.record.basis.transpose() * exact.record.basis;
  EXPECT_LT((overlaps.diagonal().cwiseAbs().array() - 1).abs().maxCoeff(), kFloatRounding);
}

TEST_F(PcaStudyTest, ColourImagesOf64By64AreStreamed) {
  const ImageSet train = TinyImages("train", 120, {3, 64, 64}, 3);
  const ImageSet test = TinyImages("test", 30, {3, 64, 64}, 4);
  options_.n = {30};
  options_.modes = 4;
  options_.draws = 1;
  options_.sigmas = {0.001, 1};
  RunPcaStudy({train, test, {}}, options_, {Path("run")});
  const Table spectrum = Read("spectrum.csv"), alignment = Read("alignment.csv");
  ASSERT_EQ(spectrum.rows.size(), 12288u);
  EXPECT_EQ(NumberAt(spectrum, 3, "measured"), 1);
  EXPECT_EQ(NumberAt(spectrum, 4, "measured"), 0);
  EXPECT_GT(NumberAt(alignment, 0, "images_cos2"), 0.8);
  EXPECT_LT(NumberAt(alignment, 4, "images_cos2"), 0.1);
}

TEST_F(PcaStudyTest, MisuseLeavesNoFolder) {
  const PcaStudyOptions good = options_;
  const auto refused = [&](auto&& change, std::initializer_list<std::string> pieces) {
    options_ = good;
    change(options_);
    ExpectError([&] { Run("run"); }, pieces);
    EXPECT_FALSE(fs::exists(Path("run")));
  };
  using O = PcaStudyOptions;
  refused([](O& o) { o.n = {}; }, {"no n"});
  refused([](O& o) { o.n = {1}; }, {"n is 1, expected at least 2"});
  refused([](O& o) { o.n = {20, 20}; }, {"n 20 is given twice"});
  refused([](O& o) { o.n = {61}; }, {"n is 61, expected at most the 60 images of 'tiny' (test)"});
  refused([](O& o) { o.modes = 20; }, {"modes is 20, expected at most 19: d = 64, n = 20"});
  refused([](O& o) { o.modes = 0; }, {"modes is 0"});
  refused([](O& o) { o.sigmas = {0.1, -1}; }, {"sigma is -1"});
  refused([](O& o) { o.sigmas = {NAN}; }, {"sigma is nan"});
  refused([](O& o) { o.sigmas = {1e-9}; }, {"sigma is 1e-09, expected at least 0.000001"});
  refused([](O& o) { o.sigmas = {0.1, 0.10000001}; }, {"the same to 6 decimals"});
  refused([](O& o) { o.draws = 0; }, {"draws is 0"});
}

TEST_F(PcaStudyTest, ConstantAndMisfittingImagesAreRefused) {
  const ImageSet constant("flat", "train", torch::full({50, 1, 8, 8}, 7, torch::kUInt8), "hash");
  const ImageSet other = TinyImages("train", 50, {1, 8, 6}, 1);
  const auto run = [&](const ImageSet& train, const ImageSet& test) {
    RunPcaStudy({train, test, {}}, options_, {Path("run")});
  };
  ExpectError([&] { run(constant, test_); }, {"all 50 images of 'flat' (train) are the same"});
  ExpectError([&] { run(train_, constant); }, {"all 50 images of 'flat'"});
  ExpectError([&] { run(other, test_); }, {"48", "64", "the same size"});
  ExpectError([&] { run(train_.Subset(0, 5), test_); }, {"modes is 5", "5 reference images"});
  EXPECT_FALSE(fs::exists(Path("run")));
}

}  // namespace
}  // namespace denoscope
