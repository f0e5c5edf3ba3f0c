#include "denoscope/training/training_batch.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/support/tiny_images.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

TEST(TrainingBatch, PartsAreCutFromTheWholeBitForBit) {
  ModelDescription description = TinyDescription("conditioned");
  description.parameterisation.data_rms = 0.5;
  TrainOptions options;
  options.batch = 7;
  options.flips = true;
  TrainingImages images(TinyImages("train", 60), {0, 20}, options.batch, options.seed);
  for (std::int64_t step = 0; step < 7; ++step) {
    const TrainingBatch whole = DrawTrainingBatch(images, description, options, step, {0, 7});
    for (int r = 0; r < 3; ++r) {
      const PieceRange own = PiecesOf(7, r, 3);
      const TrainingBatch part = DrawTrainingBatch(images, description, options, step, own);
      const auto equal = [&](const torch::Tensor& a, const torch::Tensor& b) {
        return torch::equal(a, b.slice(0, own.begin, own.end));
      };
      EXPECT_TRUE(equal(part.x, whole.x));
      EXPECT_TRUE(equal(part.y, whole.y));
      EXPECT_TRUE(equal(part.sigma, whole.sigma));
      EXPECT_TRUE(equal(part.weight, whole.weight));
    }
  }
}

// Mean 0 and variance 1, to 5 standard errors.
TEST(TrainingBatch, TheNoiseHasTheLevelAsDeviation) {
  ModelDescription description = TinyDescription("conditioned");
  TrainOptions options;
  options.batch = 64;
  TrainingImages images(TinyImages("train", 90), {0, 20}, options.batch, options.seed);
  const TrainingBatch batch = DrawTrainingBatch(images, description, options, 0, {0, 64});
  const torch::Tensor z = (batch.y - batch.x) / batch.sigma.view({-1, 1, 1, 1});
  const double n = static_cast<double>(z.numel());
  EXPECT_NEAR(z.mean().item<double>(), 0, 5 / std::sqrt(n));
  EXPECT_NEAR(z.square().mean().item<double>(), 1, 5 * std::sqrt(2 / n));
}

}  // namespace
}  // namespace denoscope
