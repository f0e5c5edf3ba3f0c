// Sets of images: by name, by split, as bytes in memory, given out as [0,1] float images.
//
// The two splits never mix: PCA, Wiener and training see "train", analysed images come from "test".
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/theory/dct.h"
#include "denoscope/theory/pca.h"

namespace denoscope {

class ImageSet {
 public:
  // bytes (N,C,H,W) uint8. `name` and `split` go into records and messages.
  ImageSet(std::string name, std::string split, torch::Tensor bytes, std::string sha256);

  const std::string& Name() const { return name_; }
  const std::string& Split() const { return split_; }
  const std::string& Sha256() const { return sha256_; }  // of the file that held the images
  std::int64_t Count() const { return bytes_.size(0); }
  ImageShape ImageSize() const;

  // Images at these indices as float32 (B,C,H,W) in [0,1]; throws on an index outside the set.
  torch::Tensor Images(const std::vector<std::int64_t>& indices) const;
  torch::Tensor Range(std::int64_t begin, std::int64_t end) const;  // [begin, end)
  ImageSet Subset(std::int64_t begin, std::int64_t end) const;

 private:
  std::string name_, split_;
  torch::Tensor bytes_;
  std::string sha256_;
};

// Named sets: "fashion-mnist", "mnist", each with splits "train" and "test". Looked for in
// $DENOSCOPE_DATA/<name>, then where Debian's packages put them. Throws, saying how to get the set,
// when it is not installed.
ImageSet LoadImageSet(const std::string& name, const std::string& split);
std::vector<std::string> ImageSetNames();

// Covariance statistics of all images of the set, streamed in float64.
Pca PcaOf(const ImageSet& images);

}  // namespace denoscope
