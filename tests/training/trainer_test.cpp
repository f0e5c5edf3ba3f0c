#include "denoscope/training/trainer.h"

#include <gtest/gtest.h>

#include <sstream>

#include "denoscope/base/cancel.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/folder_lock.h"
#include "denoscope/image/tensors.h"
#include "denoscope/theory/optimal/wiener.h"
#include "denoscope/weights/safetensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_images.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kHeldOut = 40;

class Training : public testing::Test {
 protected:
  Training() {
    options_.steps = 30;
    options_.batch = 16;
    options_.optimizer.learning_rate = 5e-3;
    options_.warmup = 5;
    options_.validation_images = kHeldOut;
    options_.validate_every = 10;
    options_.seed = 3;
  }
  ~Training() override { ClearCancel(); }

  TrainReport Run(const std::string& name) const {
    return Train(description_, images_, options_, Path(name), [](const Progress&) {});
  }
  void Interrupt(const std::string& name, std::int64_t step) const {
    const auto sink = [step](const Progress& p) {
      if (p.done == step) RequestCancel();
    };
    ExpectError([&] { Train(description_, images_, options_, Path(name), sink); },
                {"interrupted at step " + std::to_string(step)});
    ClearCancel();
  }
  fs::path Path(const std::string& name) const { return temp_.Path(name); }
  std::string Weights(const std::string& name) const {
    return ReadFile(Path(name) / "weights.safetensors");
  }
  std::vector<Json> Metrics(const std::string& name) const {
    std::istringstream lines(ReadFile(Path(name) / "metrics.jsonl"));
    std::vector<Json> metrics;
    for (std::string line; std::getline(lines, line);) metrics.push_back(Json::parse(line));
    return metrics;
  }

  ModelDescription description_ = TinyDescription("conditioned");
  ImageSet images_ = TinyImages("train", 200);
  TrainOptions options_;

 private:
  TempDir temp_;
};

TEST_F(Training, LowersTheErrorAndLeavesAModel) {
  options_.steps = 1;
  const TrainReport start = Run("start");
  options_.steps = 30;
  const TrainReport report = Run("model");
  EXPECT_EQ(report.steps, 30);
  EXPECT_EQ(report.images, 480);
  ASSERT_FALSE(report.validation.empty());
  ASSERT_EQ(report.validation.size(), start.validation.size());
  double before = 0, after = 0;
  for (std::size_t i = 0; i < report.validation.size(); ++i) {
    EXPECT_EQ(report.validation[i].wiener_mse, start.validation[i].wiener_mse);
    before += start.validation[i].mse / start.validation[i].wiener_mse;
    after += report.validation[i].mse / report.validation[i].wiener_mse;
  }
  EXPECT_LT(after, 0.95 * before);

  EXPECT_FALSE(fs::exists(Path("model") / "checkpoint.safetensors"));
  const LoadedModel model = LoadModel(Path("model"));
  EXPECT_EQ(model.sha256, report.model.sha256);
  EXPECT_EQ(model.description.training["data_sha256"], images_.Sha256());
  const ImageSet trained = images_.Subset(0, images_.Count() - kHeldOut);
  const double q = trained.Range(0, trained.Count()).square().mean().sqrt().item<double>();
  // The mean of 1e4 squares, here in float32.
  EXPECT_NEAR(model.description.parameterisation.data_rms, q, 1e-5 * q);
  EXPECT_NEAR(
      model.description.trained_sigmas->high, 3 * std::sqrt(PcaOf(trained).eigenvalues[0]), 1e-12);
}

TEST_F(Training, WritesALineOfMetricsAValidation) {
  Run("model");
  const std::vector<Json> metrics = Metrics("model");
  ASSERT_EQ(metrics.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(metrics[i]["step"], 10 * (i + 1));
    EXPECT_EQ(metrics[i]["images"], 160 * (i + 1));
    EXPECT_GT(metrics[i]["loss"], 0.0);
    // Only noise levels of the trained range, 0.02 to 1.5, are looked at.
    std::vector<double> sigmas;
    for (const Json& point : metrics[i]["validation"]) sigmas.push_back(point["sigma"]);
    EXPECT_EQ(sigmas, std::vector<double>({0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1}));
  }
}

TEST_F(Training, StoppedAndResumedGivesTheSameWeightsBitForBit) {
  Run("straight");
  for (const std::int64_t step : {1, 10, 13, 29}) {  // 10: a validation too
    SCOPED_TRACE(step);
    const std::string name = "stopped" + std::to_string(step);
    Interrupt(name, step);
    EXPECT_TRUE(fs::exists(Path(name) / "checkpoint.safetensors"));
    EXPECT_FALSE(fs::exists(Path(name) / "model.json"));
    Run(name);
    EXPECT_TRUE(Weights(name) == Weights("straight"));
    EXPECT_EQ(ReadFile(Path(name) / "metrics.jsonl"), ReadFile(Path("straight") / "metrics.jsonl"));
  }
}

TEST_F(Training, StoppedTwiceIsStillTheSame) {
  Run("straight");
  Interrupt("stopped", 7);
  Interrupt("stopped", 21);
  Run("stopped");
  EXPECT_TRUE(Weights("stopped") == Weights("straight"));
}

TEST_F(Training, AnotherSeedGivesOtherWeights) {
  Run("one");
  options_.seed = 4;
  Run("other");
  EXPECT_FALSE(Weights("one") == Weights("other"));
}

// If an image held out had any part in the training, the weights would show it. One validation, so
// that there is nothing to choose by it.
TEST_F(Training, NeverSeesAHeldOutImage) {
  options_.validate_every = options_.steps;
  Run("one");
  const torch::Tensor bytes = TinyBytes(200, {1, 8, 8}, 1);
  bytes.slice(0, 200 - kHeldOut).fill_(255);
  images_ = ImageSet("tiny", "train", bytes, images_.Sha256());
  Run("other");
  EXPECT_TRUE(Weights("one") == Weights("other"));
  EXPECT_NE(Metrics("one").back()["validation"], Metrics("other").back()["validation"]);
}

TEST_F(Training, OtherOptionsThanTheCheckpointsAreNamed) {
  Interrupt("model", 13);
  const TrainOptions same = options_;
  const auto refused = [&](auto&& change, std::initializer_list<std::string> pieces) {
    options_ = same;
    change(options_);
    ExpectError([&] { Run("model"); }, {"checkpoint.safetensors", "--force"});
    ExpectError([&] { Run("model"); }, pieces);
  };
  refused([](TrainOptions& o) { o.batch = 8; }, {"batch = 16, now 8"});
  refused([](TrainOptions& o) { o.steps = 60; }, {"steps = 30, now 60"});
  refused([](TrainOptions& o) { o.optimizer.learning_rate = 1e-3; }, {"learning_rate"});
  refused([](TrainOptions& o) { o.seed = 1; }, {"seed = 3, now 1"});
  refused([](TrainOptions& o) { o.sigmas.high = 3; }, {"sigma_high"});
  refused([](TrainOptions& o) { o.validation_images = 50; }, {"validation_images = 40, now 50"});
  options_ = same;
  const auto features = description_.unet.features;
  description_.unet.features = {5, 8};
  ExpectError([&] { Run("model"); }, {"features = [4,8], now [5,8]"});
  description_.unet.features = features;
  images_ = TinyImages("train", 200, {1, 8, 8}, 9);
  ExpectError([&] { Run("model"); }, {"data_sha256"});
}

TEST_F(Training, AFinishedModelIsNotTrainedAgain) {
  options_.steps = 2;
  Run("model");
  const std::string before = Weights("model");
  ExpectError([&] { Run("model"); }, {Path("model").string(), "already trained", "--force"});
  EXPECT_EQ(Weights("model"), before);
}

TEST_F(Training, ADamagedCheckpointIsNamed) {
  Interrupt("model", 13);
  const fs::path checkpoint = Path("model") / "checkpoint.safetensors";
  const std::string whole = ReadFile(checkpoint);
  for (const std::size_t size :
       {whole.size() - 1, whole.size() / 2, std::size_t{9}, std::size_t{0}}) {
    WriteFile(checkpoint, whole.substr(0, size));
    ExpectError([&] { Run("model"); }, {checkpoint.string()});
  }
  WriteFile(checkpoint, whole);
  const Safetensors good = ReadSafetensors(checkpoint);
  const auto refused = [&](auto&& change, std::initializer_list<std::string> pieces) {
    Safetensors bad = good;
    change(bad);
    WriteSafetensors(checkpoint, bad);
    ExpectError([&] { Run("model"); }, {checkpoint.string()});
    ExpectError([&] { Run("model"); }, pieces);
  };
  refused([](Safetensors& s) { s.metadata.erase("step"); }, {"has no 'step'"});
  refused([](Safetensors& s) { s.metadata.erase("options"); }, {"has no 'options'"});
  refused([](Safetensors& s) { s.tensors.erase("optimizer"); }, {"has no 'optimizer'"});
  refused([](Safetensors& s) { s.tensors.erase("average.tail.bias"); }, {"'tail.bias'", "missing"});
  refused([](Safetensors& s) { s.metadata["options"] = "{"; }, {"parse"});
  refused([](Safetensors& s) { s.metadata["step"] = "many"; }, {"checkpoint"});
  refused(
      [](Safetensors& s) {
        s.tensors["optimizer"].bytes.assign(s.tensors["optimizer"].bytes.size(), 7);
      },
      {"checkpoint"});
  EXPECT_FALSE(fs::exists(Path("model") / "model.json"));
}

TEST_F(Training, ALossThatIsNotFiniteNamesItsStepAndLeavesNoModel) {
  options_.optimizer.learning_rate = 1e30;
  options_.warmup = 0;
  ExpectError([&] { Run("model"); }, {"training", "not finite", "step 1"});
  EXPECT_FALSE(fs::exists(Path("model") / "model.json"));
  EXPECT_FALSE(fs::exists(Path("model") / "weights.safetensors"));
}

// The best of the validations is the model, though training went on and got worse.
// The loss is 1e24, but the squares of the gradient are beyond float32.
TEST_F(Training, AGradientThatIsNotFiniteNamesItsStepAndLeavesNoModel) {
  images_ = ImageSet("huge", "train", 1e13 * images_.Range(0, images_.Count()), "none");
  description_ = TinyDescription("linear");
  options_.objective.weighting = Weighting::kPlain;
  options_.sigmas = {0.1, 1};
  ExpectError([&] { Run("model"); }, {"training", "gradient is inf", "step 0"});
  EXPECT_FALSE(fs::exists(Path("model") / "model.json"));
}

TEST_F(Training, TheModelIsTheBestAverage) {
  options_.steps = 400;
  options_.optimizer.learning_rate = 1;  // rising slowly to what ruins the weights
  options_.warmup = 60;
  options_.ema_decay = 0;
  options_.patience = 2;
  const TrainReport report = Run("model");
  const std::vector<Json> metrics = Metrics("model");
  const auto score = [](const Json& line) {
    double sum = 0;
    for (const Json& p : line["validation"])
      sum += std::log(p["mse"].get<double>() / p["wiener_mse"].get<double>());
    return sum;
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < metrics.size(); ++i)
    if (score(metrics[i]) < score(metrics[best])) best = i;
  ASSERT_LT(best, metrics.size() - 1) << "training did not get worse, nothing is shown";
  EXPECT_EQ(report.best_step, metrics[best]["step"]);
  for (std::size_t i = 0; i < report.validation.size(); ++i)
    EXPECT_EQ(report.validation[i].mse, metrics[best]["validation"][i]["mse"]);
  EXPECT_EQ(report.model.description.training["best_step"], report.best_step);
}

TEST_F(Training, StopsEarlyWithoutABetterValidation) {
  options_.steps = 400;
  options_.optimizer.learning_rate = 1;
  options_.warmup = 60;
  options_.ema_decay = 0;
  options_.patience = 2;
  const TrainReport report = Run("model");
  EXPECT_LT(report.steps, 400);
  EXPECT_EQ(report.steps, report.best_step + 2 * options_.validate_every);
}

TEST_F(Training, AdamWDecaysTheWeightsThemselves) {
  options_.optimizer.kind = OptimizerKind::kAdamW;
  options_.optimizer.weight_decay = 0;
  Run("plain");
  options_.optimizer.weight_decay = 0.5;
  Run("decayed");
  Interrupt("stopped", 13);
  Run("stopped");
  EXPECT_TRUE(Weights("stopped") == Weights("decayed"));
  EXPECT_FALSE(Weights("plain") == Weights("decayed"));
}

TEST_F(Training, TwoAtATimeAreRefused) {
  fs::create_directory(Path("model"));
  const FolderLock lock(Path("model"), "test");
  ExpectError([&] { Run("model"); },
              {"training: another program is at work", Path("model").string()});
}

// Draws by number: what a step sees does not depend on where training was stopped.
TEST_F(Training, FreshDrawsResumeBitForBit) {
  const ImageSet stream = TinyImages("train", 2000, {1, 8, 8}, 7);
  const FreshImages fresh = [&](std::int64_t begin, std::int64_t end) {
    return stream.Range(begin, end);
  };
  const auto run = [&](const std::string& name, const ProgressSink& sink) {
    return Train(description_, images_, options_, Path(name), sink, fresh);
  };
  const auto silent = [](const Progress&) {};
  run("straight", silent);
  const auto stop = [](const Progress& p) {
    if (p.done == 13) RequestCancel();
  };
  ExpectError([&] { run("stopped", stop); }, {"interrupted at step 13"});
  ClearCancel();
  run("stopped", silent);
  EXPECT_TRUE(Weights("stopped") == Weights("straight"));
  Run("set");
  EXPECT_FALSE(Weights("set") == Weights("straight"));
}

// The least squares of one layer on the training sample are the sample's own Wiener matrix,
// S (S + sigma^2)^-1 with divisor n, and (1 - W) m: a test of images, noise, loss and optimizer.
TEST_F(Training, OneLinearLayerBecomesTheWienerMatrixOfItsSample) {
  description_ = ModelPreset("linear");
  images_ = TinyImages("train", 200, {1, 4, 4});
  options_.objective.weighting = Weighting::kPlain;
  options_.sigmas = {0.3, 0.3};
  options_.steps = 20000;
  options_.batch = 160;
  options_.optimizer.learning_rate = 3e-3;
  options_.ema_decay = 0.9995;
  options_.validate_every = options_.steps;
  Run("model");
  const ImageSet trained = images_.Subset(0, images_.Count() - kHeldOut);
  Pca pca = PcaOf(trained);
  pca.eigenvalues *=
      static_cast<double>(trained.Count() - 1) / static_cast<double>(trained.Count());
  const Eigen::MatrixXd W = WienerMatrix(pca, 0.3);
  const Safetensors weights = ReadSafetensors(Path("model") / "weights.safetensors");
  const Eigen::MatrixXd learned = ToMatrixD(ToTensor(weights.tensors.at("dense.weight")));
  const Eigen::VectorXd bias = ToVectorD(ToTensor(weights.tensors.at("dense.bias")));
  EXPECT_LT((learned - W).norm(), 0.01 * W.norm());
  const Eigen::VectorXd offset = pca.mean - W * pca.mean;
  EXPECT_LT((bias - offset).norm(), 0.01 * offset.norm());
}

TEST_F(Training, TooFewImagesAreNamed) {
  images_ = images_.Subset(0, kHeldOut + 15);
  ExpectError([&] { Run("model"); }, {"'tiny'", "55 images", "40 held out", "16 to train on"});
  EXPECT_FALSE(fs::exists(Path("model")));
}

TEST(TrainOptions, OutsideTheLegalRangeThrows) {
  const auto refused = [](auto&& change, std::initializer_list<std::string> pieces) {
    TrainOptions options;
    options.Check();
    change(options);
    ExpectError([&] { options.Check(); }, pieces);
  };
  refused([](TrainOptions& o) { o.steps = 0; }, {"training: steps", "found 0, 64"});
  refused([](TrainOptions& o) { o.batch = 0; }, {"batch"});
  refused([](TrainOptions& o) { o.warmup = -1; }, {"warmup, training_images >= 0", "-1"});
  refused([](TrainOptions& o) { o.validation_images = 1; }, {"validation_images >= 2"});
  refused([](TrainOptions& o) { o.validate_every = 0; }, {"validate_every"});
  refused([](TrainOptions& o) { o.optimizer.learning_rate = 0; }, {"learning_rate", "> 0"});
  refused([](TrainOptions& o) { o.optimizer.learning_rate = std::nan(""); },
          {"learning_rate", "nan"});
  refused([](TrainOptions& o) { o.clip_norm = -1; }, {"clip_norm"});
  refused([](TrainOptions& o) { o.ema_decay = 1; }, {"ema_decay in [0,1)"});
  refused([](TrainOptions& o) { o.sigmas = {0, 1}; }, {"sigma range", "0 to 1"});
  refused([](TrainOptions& o) { o.sigmas = {0.5, 0.4}; }, {"low <= high"});
}

}  // namespace
}  // namespace denoscope
