// Pictures as the bytes of a file, in memory.
#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace denoscope {

std::string PngBytes(const cv::Mat& picture);  // 8-bit, gray or BGR

// Every pixel kept, in fewer bytes than PNG takes; empty where OpenCV was built without WebP.
std::string WebpBytes(const cv::Mat& picture);

}  // namespace denoscope
