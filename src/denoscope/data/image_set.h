// Sets of images, by name and split, given out as float images on the [0,1] scale. Bytes stand for
// v/255; floats are taken as they are, inside [0,1] or not.
//
// The two splits never mix: PCA, Wiener and training see "train", analysed images come from "test".
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/base/image_shape.h"
#include "denoscope/base/progress.h"
#include "denoscope/theory/pca/pca.h"

namespace denoscope {

class ImageSet {
 public:
  // pixels (N,C,H,W) uint8, float32 or float64; may lie in a mapped file, of which only the images
  // asked for are read. `name` and `split` go into records and messages.
  ImageSet(std::string name, std::string split, torch::Tensor pixels, std::string sha256);

  const std::string& Name() const { return name_; }
  const std::string& Split() const { return split_; }
  const std::string& Sha256() const { return sha256_; }  // of what decides the images
  std::int64_t Count() const { return pixels_.size(0); }
  ImageShape ImageSize() const;

  // Images at these indices as float32 (B,C,H,W); throws on an index outside the set.
  torch::Tensor Images(const std::vector<std::int64_t>& indices) const;
  torch::Tensor Range(std::int64_t begin, std::int64_t end) const;  // [begin, end)
  ImageSet Subset(std::int64_t begin, std::int64_t end) const;

 private:
  std::string name_, split_;
  torch::Tensor pixels_;
  std::string sha256_;
};

// The set that `spec` (data_spec.h) names, one of its splits "train" and "test":
//   fashion-mnist, mnist         IDX files in $DENOSCOPE_DATA/NAME, or where a package put them
//   gaussian, discs, ..          drawn (synthetic_images.h)
//   photos                       cut from photographs (photos.h)
//   a path                       NPY and NPZ files (array_sets.h), pictures (folder_sets.h)
// and each of these with its spectrum reversed, SPEC:reversed (reversed_set.h). Throws, saying how
// to get the set, when it is not there. Pictures are cut once, which tells `progress`.
ImageSet LoadImageSet(
    const std::string& spec,
    const std::string& split,
    const ProgressSink& progress = [](const Progress&) {});
std::vector<std::string> ImageSetNames();

// Covariance statistics of all images of the set, streamed in float64.
Pca PcaOf(const ImageSet& images);

}  // namespace denoscope
