// Picture files for tests: a gradient, and the head of a PNG of any claimed size.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/png.h"

namespace denoscope {

// Red counts rows, green columns; blue is `blue`.
inline cv::Mat GradientPicture(int rows, int cols, int blue = 200) {
  cv::Mat picture(rows, cols, CV_8UC3);
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < cols; ++c)
      picture.at<cv::Vec3b>(r, c) = {
          static_cast<uchar>(blue), static_cast<uchar>(c), static_cast<uchar>(r)};
  return picture;
}

inline void WriteGradient(const std::filesystem::path& path, int rows, int cols, int blue = 200) {
  std::filesystem::create_directories(path.parent_path());
  WritePng(path, GradientPicture(rows, cols, blue));
}

// The content of a file of this ending, ".jpg".
inline std::string Encoded(const char* ending, const cv::Mat& picture) {
  std::vector<unsigned char> bytes;
  EXPECT_TRUE(cv::imencode(ending, picture, bytes));
  return {bytes.begin(), bytes.end()};
}

// Signature and IHDR (8-bit RGB); no pixels follow.
inline std::string PngHead(std::uint32_t width, std::uint32_t height) {
  const auto big_endian = [](std::uint32_t v) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(v >> shift & 0xff);
    return bytes;
  };
  return "\x89PNG\r\n\x1a\n" + big_endian(13) + "IHDR" + big_endian(width) + big_endian(height) +
         std::string("\x08\x02\x00\x00\x00", 5) + std::string(4, '\0');
}

}  // namespace denoscope
