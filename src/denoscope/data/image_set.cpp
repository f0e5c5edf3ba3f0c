#include "denoscope/data/image_set.h"

#include <ATen/ATen.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "denoscope/base/process.h"
#include "denoscope/data/array_sets.h"
#include "denoscope/data/folder_sets.h"
#include "denoscope/data/idx_sets.h"
#include "denoscope/data/photos.h"
#include "denoscope/data/reversed_set.h"
#include "denoscope/data/synthetic_images.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

// A copy as float32 on the [0,1] scale.
torch::Tensor ToFloats(const torch::Tensor& pixels) {
  torch::Tensor floats = pixels.to(torch::kFloat32, /*non_blocking=*/false, /*copy=*/true);
  return pixels.scalar_type() == torch::kUInt8 ? floats.div_(255) : floats;
}

// All of one split in memory, drawn a block at a time.
ImageSet DrawSet(const DataSpec& spec, const std::string& split) {
  constexpr std::int64_t kBlock = 1024;
  const SyntheticImages images(spec);
  const ImageShape& shape = images.Shape();
  const std::int64_t count = images.Count(split);
  CheckMemory(fmt::format("data set '{}'", spec.text),
              static_cast<std::int64_t>(sizeof(float)) * count * shape.Size(),
              fmt::format("{} images of {} values", count, shape.Size()));
  torch::Tensor pixels = torch::empty({count, shape.C, shape.H, shape.W}, torch::kFloat32);
  for (std::int64_t begin = 0; begin < count; begin += kBlock) {
    const std::int64_t end = std::min(begin + kBlock, count);
    pixels.slice(0, begin, end).copy_(images.Draw(split, begin, end));
  }
  return {spec.text, split, pixels, Sha256Hex(images.Canonical() + "/" + split)};
}

// Without the suffix.
ImageSet LoadPlainSet(const DataSpec& spec,
                      const std::string& split,
                      const ProgressSink& progress) {
  if (IsSyntheticKind(spec.source)) return DrawSet(spec, split);
  if (IsIdxSet(spec.source)) return LoadIdxSet(spec, split);
  if (spec.source == kPhotosName) return LoadPhotos(spec, split, progress);
  if (IsArraySet(spec.source)) {
    SpecOptions(spec).Finish();
    return LoadArraySet(spec.text, spec.source, split);
  }
  if (std::filesystem::is_directory(spec.source))
    return LoadPictureSet(FolderSet(spec), split, progress);
  throw Error("data set '{}': unknown, expected one of {}, or a path that exists",
              spec.text,
              fmt::join(ImageSetNames(), ", "));
}

}  // namespace

ImageSet::ImageSet(std::string name, std::string split, torch::Tensor pixels, std::string sha256)
    : name_(std::move(name)),
      split_(std::move(split)),
      pixels_(std::move(pixels)),
      sha256_(std::move(sha256)) {
  const torch::ScalarType type = pixels_.scalar_type();
  if (pixels_.dim() != 4 ||
      (type != torch::kUInt8 && type != torch::kFloat32 && type != torch::kFloat64))
    throw Error(
        "data set '{}': expected images (N,C,H,W) of uint8, float32 or float64, found shape {} of "
        "{}",
        name_,
        ShapeText(ShapeOf(pixels_)),
        torch::toString(type));
}

ImageShape ImageSet::ImageSize() const {
  return {pixels_.size(1), pixels_.size(2), pixels_.size(3)};
}

torch::Tensor ImageSet::Images(const std::vector<std::int64_t>& indices) const {
  for (const std::int64_t i : indices)
    if (i < 0 || i >= Count())
      throw Error("data set '{}' ({}): image {} does not exist, expected 0 to {}",
                  name_,
                  split_,
                  i,
                  Count() - 1);
  return ToFloats(pixels_.index_select(0, torch::tensor(indices, torch::kInt64)));
}

torch::Tensor ImageSet::Range(std::int64_t begin, std::int64_t end) const {
  return ToFloats(pixels_.slice(0, begin, end));
}

ImageSet ImageSet::Subset(std::int64_t begin, std::int64_t end) const {
  return {name_, split_, pixels_.slice(0, begin, end), sha256_};
}

std::vector<std::string> ImageSetNames() {
  std::vector<std::string> names;
  for (const IdxSet& set : IdxSets()) names.push_back(set.name);
  names.emplace_back(kPhotosName);
  for (const SyntheticKind& kind : SyntheticKinds()) names.push_back(kind.name);
  return names;
}

ImageSet LoadImageSet(const std::string& text,
                      const std::string& split,
                      const ProgressSink& progress) {
  if (split != "train" && split != "test")
    throw Error("data set '{}': no split '{}', expected train or test", text, split);
  const DataSpec spec = ParseDataSpec(text);
  const ImageSet images = LoadPlainSet(spec, split, progress);
  if (!spec.reversed) return images;
  if (split == "train") return ReversedSet(images, images, text);
  return ReversedSet(images, LoadPlainSet(spec, "train", progress), text);
}

Pca PcaOf(const ImageSet& images) {
  constexpr std::int64_t kBlock = 2048;
  CovarianceAccumulator sums(images.ImageSize().Size());
  for (std::int64_t begin = 0; begin < images.Count(); begin += kBlock) {
    const torch::Tensor block =
        images.Range(begin, std::min(begin + kBlock, images.Count())).flatten(1);
    sums.Add(ToMatrixD(block).transpose());
  }
  return ComputePca(sums);
}

}  // namespace denoscope
