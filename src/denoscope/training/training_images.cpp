#include "denoscope/training/training_images.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/data/synthetic_images.h"

namespace denoscope {
namespace {

ImageSet FirstOf(const ImageSet& images, TrainingSplit split, std::int64_t batch) {
  const std::int64_t least = std::max(split.trained, batch), left = images.Count() - split.held_out;
  if (left < least)
    throw Error("data set '{}': {} images are too few for {} held out and {} to train on",
                images.Name(),
                images.Count(),
                split.held_out,
                least);
  return images.Subset(0, split.trained > 0 ? split.trained : left);
}

}  // namespace

FreshImages FreshImagesOf(const std::string& data) {
  const auto images = std::make_shared<const SyntheticImages>(ParseDataSpec(data));
  return
      [images](std::int64_t begin, std::int64_t end) { return images->Draw("train", begin, end); };
}

TrainingImages::TrainingImages(
    ImageSet images, TrainingSplit split, std::int64_t batch, std::uint64_t seed, FreshImages fresh)
    : trained_(FirstOf(images, split, batch)),
      held_out_(images.Subset(images.Count() - split.held_out, images.Count())),
      fresh_(std::move(fresh)),
      batch_(batch),
      first_fresh_(images.Count()),
      seed_(seed) {}

torch::Tensor TrainingImages::Batch(std::int64_t step, bool flips, const PieceRange& part) {
  const std::int64_t begin = step * batch_ + part.begin, end = step * batch_ + part.end;
  torch::Tensor x = fresh_ ? fresh_(first_fresh_ + begin, first_fresh_ + end)
                           : trained_.Images(Indices(begin, end));
  if (!flips) return x;
  RandomStream random(seed_, "train/flips", static_cast<std::uint64_t>(step));
  for (std::int64_t b = 0; b < part.end; ++b)
    if (random.Uniform() < 0.5 && b >= part.begin) x[b - part.begin] = x[b - part.begin].flip(-1);
  return x;
}

std::vector<std::int64_t> TrainingImages::Indices(std::int64_t begin, std::int64_t end) {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int64_t epoch = i / trained_.Count();
    if (epoch != epoch_) {
      order_ = RandomStream(seed_, "train/order", static_cast<std::uint64_t>(epoch))
                   .Permutation(trained_.Count());
      epoch_ = epoch;
    }
    indices.push_back(order_[static_cast<std::size_t>(i % trained_.Count())]);
  }
  return indices;
}

}  // namespace denoscope
