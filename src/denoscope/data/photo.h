// One picture from a file, as a set of one image.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "denoscope/data/image_set.h"

namespace denoscope {

struct Crop {
  std::int64_t H = 0, W = 0;                                    // pixels, >= 1
  std::optional<std::pair<std::int64_t, std::int64_t>> corner;  // top, left; else the centre
};

// Whether it is a photo that `data` names: a file that is no array of images.
bool IsPhoto(const std::string& data);

// channels 1 (gray, by the weights of ITU-R BT.601) or 3 (RGB); 8 bits a channel. Throws on a file
// that OpenCV cannot read and on a crop that leaves the picture.
ImageSet LoadPhoto(const std::filesystem::path& path,
                   std::int64_t channels,
                   const std::optional<Crop>& crop);

}  // namespace denoscope
