#include "denoscope/training/training_images.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <set>

#include "tests/support/expect_error.h"
#include "tests/support/tiny_images.h"

namespace denoscope {
namespace {

// Image i is i everywhere (C,H,W) = (1,2,2), left column 0.5 more.
torch::Tensor Numbered(std::int64_t begin, std::int64_t end) {
  torch::Tensor x =
      torch::arange(begin, end).to(torch::kFloat32).view({-1, 1, 1, 1}).repeat({1, 1, 2, 2});
  x.slice(3, 0, 1) += 0.5;
  return x;
}
ImageSet NumberedSet(std::int64_t count) {
  return {"numbered", "train", Numbered(0, count), "hash"};
}

std::int64_t NumberOf(const torch::Tensor& image) {
  return static_cast<std::int64_t>(image.min().item<double>());
}

TEST(TrainingImages, EveryPassSeesEachImageOnceInAnotherOrder) {
  TrainingImages images(NumberedSet(20), {0, 5}, 4, 1);
  EXPECT_EQ(images.TrainedOn().Count(), 15);
  EXPECT_EQ(images.HeldOut().Count(), 5);
  std::vector<std::int64_t> sequence;  // 60 = 4 passes of 15
  for (std::int64_t step = 0; step < 15; ++step)
    for (const torch::Tensor& image : images.Batch(step, false).unbind())
      sequence.push_back(NumberOf(image));
  for (std::size_t pass = 0; pass < 4; ++pass) {
    const std::set<std::int64_t> seen(sequence.begin() + 15 * pass,
                                      sequence.begin() + 15 * (pass + 1));
    EXPECT_EQ(seen.size(), 15u);
    EXPECT_LT(*seen.rbegin(), 15) << "a held-out image";
  }
  EXPECT_NE(std::vector(sequence.begin(), sequence.begin() + 15),
            std::vector(sequence.begin() + 15, sequence.begin() + 30));
}

TEST(TrainingImages, ABatchDependsOnItsStepAlone) {
  TrainingImages forward(NumberedSet(20), {0, 5}, 4, 1), jump(NumberedSet(20), {0, 5}, 4, 1);
  for (std::int64_t step = 0; step < 9; ++step) forward.Batch(step, true);
  EXPECT_TRUE(torch::equal(forward.Batch(9, true), jump.Batch(9, true)));
}

// Set and fresh draws, flipped: a rank's part is cut out of the batch that one process would see.
TEST(TrainingImages, PartsOfABatchAreCutFromTheWhole) {
  for (const bool fresh : {false, true}) {
    TrainingImages images(NumberedSet(20), {0, 5}, 7, 1, fresh ? Numbered : FreshImages());
    for (std::int64_t step = 0; step < 9; ++step) {
      std::vector<torch::Tensor> parts;
      for (int r = 0; r < 3; ++r) parts.push_back(images.Batch(step, true, PiecesOf(7, r, 3)));
      EXPECT_TRUE(torch::equal(torch::cat(parts), images.Batch(step, true)));
    }
  }
}

TEST(TrainingImages, FlipsMirrorAboutHalf) {
  TrainingImages images(NumberedSet(20), {0, 4}, 16, 1);
  std::int64_t flipped = 0;
  for (std::int64_t step = 0; step < 50; ++step) {
    const torch::Tensor x = images.Batch(step, true), plain = images.Batch(step, false);
    for (std::int64_t b = 0; b < 16; ++b) {
      const bool same = torch::equal(x[b], plain[b]);
      EXPECT_TRUE(same || torch::equal(x[b], plain[b].flip(-1)));
      flipped += same ? 0 : 1;
    }
  }
  EXPECT_NEAR(static_cast<double>(flipped), 400, 57);  // 4 standard deviations
}

TEST(TrainingImages, FreshDrawsGoOnAfterTheSetAndNeverRepeat) {
  TrainingImages images(NumberedSet(20), {0, 5}, 4, 1, Numbered);
  for (std::int64_t step = 0; step < 10; ++step)
    for (std::int64_t b = 0; b < 4; ++b)
      EXPECT_EQ(NumberOf(images.Batch(step, false)[b]), 20 + 4 * step + b);
  EXPECT_EQ(images.HeldOut().Count(), 5);
}

TEST(TrainingImages, OnlyTheFirstAreTrainedOnAndTheLastHeldOut) {
  TrainingImages images(NumberedSet(20), {6, 5}, 4, 1);
  EXPECT_EQ(images.TrainedOn().Count(), 6);
  EXPECT_TRUE(torch::equal(images.HeldOut().Range(0, 5), NumberedSet(20).Range(15, 20)));
  const torch::Tensor first_six = NumberedSet(20).Range(0, 6);
  for (int step = 0; step < 5; ++step) {
    const torch::Tensor batch = images.Batch(step, false);
    for (int i = 0; i < 4; ++i)
      EXPECT_TRUE((first_six == batch[i]).flatten(1).all(1).any().item<bool>());
  }
}

TEST(TrainingImages, TooFewImagesThrow) {
  ExpectError(
      [] {
        TrainingImages(NumberedSet(8), {0, 5}, 4, 1);
      },
      {"'numbered'", "8 images", "5 held out", "4 to train on"});
}

}  // namespace
}  // namespace denoscope
