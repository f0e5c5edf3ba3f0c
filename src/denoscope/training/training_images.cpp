#include "denoscope/training/training_images.h"

#include <ATen/ATen.h>

#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

ImageSet WithoutLast(const ImageSet& images, std::int64_t held_out, std::int64_t batch) {
  if (images.Count() < held_out + batch)
    throw Error("data set '{}': {} images are too few for {} held out and a batch of {}",
                images.Name(),
                images.Count(),
                held_out,
                batch);
  return images.Subset(0, images.Count() - held_out);
}

}  // namespace

TrainingImages::TrainingImages(ImageSet images,
                               std::int64_t held_out,
                               std::int64_t batch,
                               std::uint64_t seed,
                               FreshImages fresh)
    : trained_(WithoutLast(images, held_out, batch)),
      held_out_(images.Subset(images.Count() - held_out, images.Count())),
      fresh_(std::move(fresh)),
      batch_(batch),
      first_fresh_(images.Count()),
      seed_(seed) {}

torch::Tensor TrainingImages::Batch(std::int64_t step, bool flips) {
  const std::int64_t begin = first_fresh_ + step * batch_;
  torch::Tensor x = fresh_ ? fresh_(begin, begin + batch_) : trained_.Images(Indices(step));
  if (!flips) return x;
  RandomStream random(seed_, "train/flips", static_cast<std::uint64_t>(step));
  for (std::int64_t b = 0; b < batch_; ++b)
    if (random.Uniform() < 0.5) x[b] = x[b].flip(-1);
  return x;
}

std::vector<std::int64_t> TrainingImages::Indices(std::int64_t step) {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = step * batch_; i < (step + 1) * batch_; ++i) {
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
