// Training by several ranks against one-rank twins: a job of two ranks has no one-rank training, so
// the twin is the plain formula over the whole batch, computed by each rank for itself.
#include <gtest/gtest.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/types.h>

#include <cmath>
#include <optional>
#include <sstream>

#include "denoscope/base/cancel.h"
#include "denoscope/data/noise.h"
#include "denoscope/denoise/batch_deviation.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/quality.h"
#include "denoscope/image/tensors.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/training/step_sum.h"
#include "denoscope/training/trainer.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_images.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kHeldOut = 40;
// Sums in another order, in float32, through some steps of Adam.
constexpr double kRounding = 1e-4;

Ranks& Job() { return Ranks::OfThisJob(); }
int Last() { return Job().Count() - 1; }

class RanksTraining : public testing::Test {
 protected:
  RanksTraining() {
    options_.steps = 12;
    options_.batch = 5;
    options_.optimizer.learning_rate = 5e-3;
    options_.warmup = 3;
    options_.validation_images = kHeldOut;
    options_.validate_every = 6;
    options_.seed = 3;
    options_.flips = true;
    if (Job().IsFirst()) temp_.emplace();
    root_ = Job().Gather(Job().IsFirst() ? temp_->Path().string() : "")[0];
  }
  // Rank 0 removes the folder: nobody may still be in it.
  ~RanksTraining() override {
    ClearCancel();
    Job().Gather("");
  }

  TrainReport Run(
      const std::string& name, const ProgressSink& sink = [](const Progress&) {}) {
    return Train(description_, images_, options_, Path(name), sink);
  }
  void Interrupt(const std::string& name, std::int64_t step, int rank) {
    const auto sink = [&](const Progress& p) {
      if (p.done == step && Job().Rank() == rank) RequestCancel();
    };
    EXPECT_THROW(Run(name, sink), Interrupted);
    ClearCancel();
  }
  fs::path Path(const std::string& name) const { return fs::path(root_) / name; }
  std::vector<Json> Metrics(const std::string& name) const {
    std::istringstream lines(ReadFile(Path(name) / "metrics.jsonl"));
    std::vector<Json> metrics;
    for (std::string line; std::getline(lines, line);) metrics.push_back(Json::parse(line));
    return metrics;
  }
  // The training of these options by one process that knows nothing of ranks, on this rank's own:
  // weights and smoothed loss.
  std::map<std::string, Array> Twin(const std::string& trained, double* loss) const;

  void ExpectTwin(const std::string& name) {
    options_.keep_last = true;
    const TrainReport report = Run(name);
    double loss = 0;
    const auto twin = Twin(name, &loss);
    EXPECT_NEAR(Metrics(name).back()["loss"], loss, kRounding * loss);
    const auto found = LoadModel(Path(name)).denoiser->Wrapped()->Weights();
    ASSERT_EQ(found.size(), twin.size());
    for (const auto& [key, array] : twin) {
      // A key's bias changes no softmax: its gradient is rounding alone, which Adam makes steps of.
      if (key == "mid.attention.key.bias") continue;
      const torch::Tensor a = ToTensor(array), b = ToTensor(found.at(key));
      EXPECT_LT((a - b).norm().item<double>(), kRounding * (1 + a.norm().item<double>())) << key;
    }
    EXPECT_EQ(report.steps, options_.steps);
  }

  ModelDescription description_ = TinyDescription("conditioned");
  ImageSet images_ = TinyImages("train", 200);
  TrainOptions options_;

 private:
  std::optional<TempDir> temp_;
  std::string root_;
};

// A scaling's deviation of the whole batch, on one process.
torch::Tensor PlainDeviation(const torch::Tensor& x) {
  return (x.var({0, 2, 3}, /*unbiased=*/false, /*keepdim=*/true) + kNormalisationFloor).sqrt();
}

std::map<std::string, Array> RanksTraining::Twin(const std::string& trained, double* loss) const {
  const ModelDescription d = LoadModel(Path(trained)).description;
  TrainingState state(d.Table(), options_.optimizer, options_.seed);
  state.Network()->train();
  const NetworkDenoiser denoiser("twin", state.Network(), d.parameterisation, d.trained_sigmas);
  TrainingImages images(images_, {0, kHeldOut}, options_.batch, options_.seed);
  for (std::int64_t t = 0; t < options_.steps; ++t) {
    const auto index = static_cast<std::uint64_t>(t);
    RandomStream random(options_.seed, "train/sigma", index);
    const auto sigmas = DrawSigmas(options_.objective, *d.trained_sigmas, options_.batch, random);
    const torch::Tensor x = images.Batch(t, options_.flips);
    const torch::Tensor z = StandardNoise(x.sizes(), options_.seed, "train/noise", index);
    const torch::Tensor sigma = torch::tensor(sigmas, torch::kFloat64);
    const torch::Tensor y = x + sigma.to(torch::kFloat32).view({-1, 1, 1, 1}) * z;
    const torch::Tensor estimate = denoiser.Denoise(y, sigma);
    torch::Tensor sum = torch::zeros({});
    for (std::size_t b = 0; b < sigmas.size(); ++b) {
      const double weight = LossWeight(options_.objective, sigmas[b], d.parameterisation.data_rms);
      const auto i = static_cast<std::int64_t>(b);
      sum = sum + weight * (estimate[i] - x[i]).square().mean();
    }
    const torch::Tensor value = sum / static_cast<double>(options_.batch);
    state.Optimizer().zero_grad();
    value.backward();
    torch::nn::utils::clip_grad_norm_(state.Network()->parameters(), options_.clip_norm);
    const double step = static_cast<double>(t), steps = static_cast<double>(options_.steps);
    const double warm = std::min(1.0, (step + 1) / static_cast<double>(options_.warmup));
    state.SetLearningRate(options_.optimizer.learning_rate * warm * 0.5 *
                          (1 + std::cos(M_PI * step / steps)));
    state.Optimizer().step();
    *loss = t == 0 ? value.item<double>() : 0.98 * *loss + 0.02 * value.item<double>();
    state.Average(std::min(options_.ema_decay, (2 + step) / (11 + step)));
  }
  return state.Averaged()->Weights();
}

TEST_F(RanksTraining, UnevenBatchesTrainAsOneProcessDoes) { ExpectTwin("model"); }

TEST_F(RanksTraining, GroupNormalisationIsOfAnImageAndTheSame) {
  description_ = TinyDescription("attention");
  ExpectTwin("model");
}

// In the twin every rank has the whole batch, and the deviation of its copies is its own.
TEST_F(RanksTraining, BatchNormalisationIsOfTheWholeBatch) {
  description_ = TinyDescription("blind-batchnorm");
  ExpectTwin("model");
}

TEST(RanksTogether, BatchDeviationAndItsGradientAreOfAllRanks) {
  torch::manual_seed(4);
  const torch::Tensor whole = torch::randn({5, 3, 4, 2}) * 2 + 30;  // a mean far from 0
  const torch::Tensor factors = torch::randn({5, 3, 1, 1});
  const PieceRange own = PiecesOf(5, Job().Rank(), Job().Count());
  const torch::Tensor x = whole.slice(0, own.begin, own.end).clone().requires_grad_();
  const torch::Tensor twin = whole.clone().requires_grad_();
  const torch::Tensor s = BatchDeviation(x), expected = PlainDeviation(twin);
  EXPECT_TRUE(torch::allclose(s, expected, 1e-5));
  (x / s * factors.slice(0, own.begin, own.end)).square().sum().backward();
  (twin / expected * factors).square().sum().backward();
  const torch::Tensor gradient = twin.grad().slice(0, own.begin, own.end);
  EXPECT_LT((x.grad() - gradient).norm().item<double>(), 1e-4 * gradient.norm().item<double>());
}

TEST(RanksTogether, AStepIsAddedUpAndSoAreItsFlags) {
  torch::Tensor a = torch::zeros({2, 3, 1, 1}).requires_grad_(), b = torch::zeros({4});
  a.mutable_grad() = torch::full({2, 3, 1, 1}, Job().Rank() + 1.0);
  StepSum sum({a, b});
  const double all = 0.5 * Job().Count() * (Job().Count() + 1);
  StepOutcome joint = sum.Add({Job().Rank() + 1.0, false, Job().Rank() == Last(), false});
  EXPECT_EQ(joint.loss, all);
  EXPECT_TRUE(joint.cancelled);
  EXPECT_FALSE(joint.failed || joint.save);
  EXPECT_TRUE(torch::equal(a.grad(), torch::full({2, 3, 1, 1}, all)));
  joint = sum.Add({NAN, Job().Rank() == Last(), false, Job().IsFirst()});
  EXPECT_TRUE(joint.failed && joint.save);
  EXPECT_FALSE(joint.cancelled);
}

TEST_F(RanksTraining, EveryRankHasTheNumbersOfOneRanksValidation) {
  images_ = TinyImages("train", 600);  // held out: blocks of 250, 250 and 60
  const ImageSet held_out = images_.Subset(40, 600);
  description_.parameterisation.data_rms = 0.5;
  const auto denoiser = TinyDenoiser(description_);
  const auto pca = std::make_shared<const Pca>(PcaOf(images_));
  const auto wiener = MakeWienerDenoiser(pca, images_.ImageSize());
  const std::vector<double> sigmas = {0.1, 0.5};
  const auto points = Validate(*denoiser, *wiener, held_out, sigmas, 7);
  ASSERT_EQ(points.size(), 2u);
  for (const ValidationPoint& point : points) {
    double mse = 0, wiener_mse = 0;
    for (const std::int64_t begin : {0, 250, 500}) {
      const std::int64_t end = std::min<std::int64_t>(begin + 250, 560);
      const torch::Tensor x = held_out.Range(begin, end);
      const torch::Tensor z = StandardNoise(x.sizes(),
                                            7,
                                            fmt::format("validation/{}", point.sigma),
                                            static_cast<std::uint64_t>(begin));
      const torch::Tensor y = x + point.sigma * z;
      mse += SquaredErrors(denoiser->Denoise(y, point.sigma), x).sum().item<double>() / 560;
      wiener_mse += SquaredErrors(wiener->Denoise(y, point.sigma), x).sum().item<double>() / 560;
    }
    EXPECT_NEAR(point.mse, mse, 1e-6 * mse);
    EXPECT_NEAR(point.wiener_mse, wiener_mse, 1e-6 * wiener_mse);
    const std::string text = fmt::format("{:a} {:a}", point.mse, point.wiener_mse);
    for (const std::string& other : Job().Gather(text)) EXPECT_EQ(other, text);
  }
}

// Asked on one rank, all stop after the same step and go on to the same bytes.
TEST_F(RanksTraining, StoppedAndResumedGivesTheSameWeightsBitForBit) {
  Run("straight");
  for (const int rank : {0, Last()}) {
    const std::string name = fmt::format("stopped{}", rank);
    if (!fs::exists(Path(name))) {
      Job().Gather("");  // all have looked
      Interrupt(name, 4, rank);
      EXPECT_TRUE(fs::exists(Path(name) / "checkpoint.safetensors"));
      Run(name);
    }
    for (const char* file : {"weights.safetensors", "metrics.jsonl"})
      EXPECT_TRUE(ReadFile(Path(name) / file) == ReadFile(Path("straight") / file));
  }
}

TEST_F(RanksTraining, ADisagreementIsNamedBeforeTheFirstStep) {
  if (Job().Count() == 1) return;
  const TrainOptions same = options_;
  if (Job().Rank() == Last()) options_.optimizer.learning_rate = 0.5;
  ExpectError([&] { Run("model"); },
              {fmt::format("rank {} of {}", Last(), Job().Count()),
               "has learning_rate=0.5, rank 0 learning_rate=0.005"});
  options_ = same;
  if (Job().Rank() == Last()) images_ = TinyImages("train", 200, {1, 8, 8}, 9);
  ExpectError([&] { Run("model"); }, {"has data_sha256="});
  images_ = images_.Subset(0, Job().Rank() == Last() ? 42 : 200);
  ExpectError([&] { Run("model"); }, {fmt::format("rank {}", Last()), "42 images are too few"});
  EXPECT_FALSE(fs::exists(Path("model")));
}

TEST_F(RanksTraining, ABatchWithoutAnImageForEveryRankIsRefused) {
  if (Job().Count() == 1) return;
  options_.batch = Job().Count() - 1;
  ExpectError([&] { Run("model"); },
              {fmt::format("batch of {} images over {} ranks", options_.batch, Job().Count())});
}

TEST_F(RanksTraining, AFolderThatIsNotSharedIsNamed) {
  if (Job().Count() == 1) return;
  Interrupt("first", 4, 0);
  const std::string name = Job().Rank() == Last() ? "elsewhere" : "first";
  ExpectError(
      [&] { Run(name); },
      {"is not shared", fmt::format("rank {} of", Last()), "finds no checkpoint, rank 0 one"});
}

TEST_F(RanksTraining, OtherWeightsOnOneRankAreFound) {
  if (Job().Count() == 1) return;
  Interrupt("early", 2, 0);
  Interrupt("late", 8, 0);
  ExpectError([&] { Run(Job().Rank() == Last() ? "late" : "early"); },
              {fmt::format("rank {} of {} has other weights than rank 0", Last(), Job().Count())});
}

TEST_F(RanksTraining, WhatRankZeroCannotWriteStopsAll) {
  if (Job().Count() == 1) return;
  if (Job().IsFirst()) WriteFile(Path("model"), "a file");
  Job().Gather("");
  ExpectError([&] { Run("model"); }, {"model"});
}

TEST_F(RanksTraining, ALossThatIsNotFiniteStopsAll) {
  for (const char* kind : {"conditioned", "blind-batchnorm"}) {
    description_ = TinyDescription(kind);
    options_.optimizer.learning_rate = 1e30;
    options_.warmup = 0;
    ExpectError([&] { Run(kind); }, {"training", "step"});
    EXPECT_FALSE(fs::exists(Path(kind) / "model.json"));
  }
}

}  // namespace
}  // namespace denoscope
