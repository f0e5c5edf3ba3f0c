#include "denoscope/image/png.h"

#include <opencv2/imgcodecs.hpp>
#include <string_view>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"

namespace denoscope {

void WritePng(const std::filesystem::path& path, const cv::Mat& picture) {
  const std::vector<int> small = {
      cv::IMWRITE_PNG_COMPRESSION, 9, cv::IMWRITE_PNG_STRATEGY, cv::IMWRITE_PNG_STRATEGY_DEFAULT};
  std::vector<unsigned char> bytes;
  if (!cv::imencode(".png", picture, bytes, small))
    throw Error("picture '{}': cannot be encoded as PNG", path.string());
  WriteFile(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

cv::Mat ReadPicture(const std::filesystem::path& path) {
  const std::string content = ReadFile(path);
  const cv::Mat bytes(
      1, static_cast<int>(content.size()), CV_8U, const_cast<char*>(content.data()));
  cv::Mat picture = content.empty() ? cv::Mat() : cv::imdecode(bytes, cv::IMREAD_COLOR);
  if (picture.empty())
    throw Error("picture '{}': not an image that OpenCV can read", path.string());
  return picture;
}

}  // namespace denoscope
