// Pictures to files. Pixels are 8-bit; a file appears whole or not at all.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>

namespace denoscope {

void WritePng(const std::filesystem::path& path, const cv::Mat& picture);  // 8-bit, gray or BGR
cv::Mat ReadPicture(const std::filesystem::path& path);                    // 8-bit BGR

}  // namespace denoscope
