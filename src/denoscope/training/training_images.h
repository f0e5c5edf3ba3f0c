// The images that training sees, step by step, and those held out. Step t takes images number t B
// .. (t+1) B - 1 of an endless sequence: shuffled passes over a finite set, or fresh draws of a
// distribution, of which none ever comes twice.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "denoscope/data/image_set.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {

// Images begin .. end - 1 of a sequence without end, (B,C,H,W) float32.
using FreshImages = std::function<torch::Tensor(std::int64_t begin, std::int64_t end)>;

// The stream behind a synthetic set's training split.
FreshImages FreshImagesOf(const std::string& data);

struct TrainingSplit {
  std::int64_t trained = 0;   // the first of a set; 0: all that are not held out
  std::int64_t held_out = 0;  // the last of it, for validation
};

class TrainingImages {
 public:
  // With `fresh`, whose numbers go on after the set's, the images trained on are for statistics
  // alone. Throws unless there are as many, and a batch of them.
  TrainingImages(ImageSet images,
                 TrainingSplit split,
                 std::int64_t batch,
                 std::uint64_t seed,
                 FreshImages fresh = {});

  const ImageSet& TrainedOn() const { return trained_; }
  const ImageSet& HeldOut() const { return held_out_; }
  // (B,C,H,W). flips: each image mirrored left to right with probability 1/2.
  torch::Tensor Batch(std::int64_t step, bool flips) { return Batch(step, flips, {0, batch_}); }
  // Images part.begin .. part.end - 1 of it, the same ones as in the whole.
  torch::Tensor Batch(std::int64_t step, bool flips, const PieceRange& part);

 private:
  ImageSet trained_, held_out_;
  FreshImages fresh_;
  std::int64_t batch_, first_fresh_;
  std::uint64_t seed_;
  std::int64_t epoch_ = -1;
  std::vector<std::int64_t> order_;  // of this epoch

  std::vector<std::int64_t> Indices(std::int64_t begin, std::int64_t end);
};

}  // namespace denoscope
