#include "denoscope/image/picture_bytes.h"

#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "denoscope/base/error.h"

namespace denoscope {

std::string PngBytes(const cv::Mat& picture) {
  const std::vector<int> small = {
      cv::IMWRITE_PNG_COMPRESSION, 9, cv::IMWRITE_PNG_STRATEGY, cv::IMWRITE_PNG_STRATEGY_DEFAULT};
  std::vector<unsigned char> bytes;
  if (!cv::imencode(".png", picture, bytes, small))
    throw Error("picture of {} x {}: cannot be encoded as PNG", picture.rows, picture.cols);
  return {bytes.begin(), bytes.end()};
}

std::string WebpBytes(const cv::Mat& picture) {
  constexpr int kLossless = 101;
  std::vector<unsigned char> bytes;
  try {
    if (!cv::imencode(".webp", picture, bytes, {cv::IMWRITE_WEBP_QUALITY, kLossless})) return "";
  } catch (const cv::Exception&) {
    return "";
  }
  return {bytes.begin(), bytes.end()};
}

}  // namespace denoscope
