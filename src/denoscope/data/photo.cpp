#include "denoscope/data/photo.h"

#include <ATen/ATen.h>

#include "denoscope/base/error.h"
#include "denoscope/data/array_sets.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/png.h"

namespace denoscope {
namespace {

cv::Mat Cropped(const cv::Mat& picture, const Crop& crop, const std::string& name) {
  const std::int64_t top = crop.corner ? crop.corner->first : (picture.rows - crop.H) / 2;
  const std::int64_t left = crop.corner ? crop.corner->second : (picture.cols - crop.W) / 2;
  if (crop.H > picture.rows || crop.W > picture.cols || top > picture.rows - crop.H ||
      left > picture.cols - crop.W)
    throw Error("photo '{}': expected a crop inside {} x {} pixels, found {} x {} at {},{}",
                name,
                picture.rows,
                picture.cols,
                crop.H,
                crop.W,
                top,
                left);
  return picture(cv::Rect(static_cast<int>(left),
                          static_cast<int>(top),
                          static_cast<int>(crop.W),
                          static_cast<int>(crop.H)));
}

}  // namespace

bool IsPhoto(const std::string& data) {
  return std::filesystem::is_regular_file(data) && !IsArraySet(data);
}

ImageSet LoadPhoto(const std::filesystem::path& path,
                   std::int64_t channels,
                   const std::optional<Crop>& crop) {
  if (channels != 1 && channels != 3)
    throw Error("photo '{}': expected 1 or 3 channels, found {}", path.string(), channels);
  cv::Mat picture = ReadPicture(path);
  if (crop) picture = Cropped(picture, *crop, path.string());
  const torch::Tensor bytes = PictureTensor(picture, channels).unsqueeze(0);
  return {path.stem().string(), "photo", bytes, Sha256OfFile(path)};
}

}  // namespace denoscope
