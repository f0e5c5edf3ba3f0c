#include "denoscope/image/png.h"

#include <ATen/ATen.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <string_view>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/picture_bytes.h"
#include "denoscope/image/picture_size.h"

namespace denoscope {

void WritePng(const std::filesystem::path& path, const cv::Mat& picture) {
  WriteFile(path, PngBytes(picture));
}

cv::Mat ReadPicture(const std::filesystem::path& path, PictureColour colour) {
  const std::string name = path.string();
  std::error_code unreadable;
  const std::uintmax_t bytes = std::filesystem::file_size(path, unreadable);
  if (!unreadable && bytes > kMostPictureBytes)
    throw Error(
        "picture '{}': expected at most {} bytes, found {}", name, kMostPictureBytes, bytes);
  const std::string content = ReadFile(path);
  const std::optional<PictureSize> size = SizeInHeader(content);
  if (size && size->height > 0 && size->width > kMostPixels / size->height)
    throw Error("picture '{}': expected at most {} pixels, found {} x {}",
                name,
                kMostPixels,
                size->height,
                size->width);
  const cv::Mat encoded(
      1, static_cast<int>(content.size()), CV_8U, const_cast<char*>(content.data()));
  const int flags = colour == PictureColour::kBgr ? cv::IMREAD_COLOR : cv::IMREAD_ANYCOLOR;
  cv::Mat picture;
  try {
    if (!content.empty()) picture = cv::imdecode(encoded, flags);
  } catch (const cv::Exception& e) {
    throw Error("picture '{}': OpenCV refuses it: {}", name, e.err);
  }
  if (picture.empty()) throw Error("picture '{}': not an image that OpenCV can read", name);
  return picture;
}

torch::Tensor PictureTensor(const cv::Mat& picture, std::int64_t channels) {
  cv::Mat pixels = picture.clone();
  if (picture.channels() == 3)
    cv::cvtColor(picture, pixels, channels == 1 ? cv::COLOR_BGR2GRAY : cv::COLOR_BGR2RGB);
  else if (channels == 3)
    cv::cvtColor(picture, pixels, cv::COLOR_GRAY2RGB);
  return at::from_blob(pixels.data, {pixels.rows, pixels.cols, channels}, at::kByte)
      .permute({2, 0, 1})
      .clone(at::MemoryFormat::Contiguous);
}

}  // namespace denoscope
