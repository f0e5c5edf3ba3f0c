// Pictures from and to files. Pixels are 8-bit; a file appears whole or not at all.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>

namespace denoscope {

void WritePng(const std::filesystem::path& path, const cv::Mat& picture);  // 8-bit, gray or BGR

constexpr std::int64_t kMostPixels = std::int64_t{1} << 27;        // of a picture that is decoded
constexpr std::int64_t kMostPictureBytes = std::int64_t{1} << 30;  // of its file

enum class PictureColour { kBgr, kAsStored };  // as stored: gray or BGR
// 8-bit, upright. Throws, naming the file, when it is above these sizes (of a PNG, JPEG or BMP file
// that is seen in the header, before anything is decoded) and when OpenCV cannot read it.
cv::Mat ReadPicture(const std::filesystem::path& path, PictureColour colour = PictureColour::kBgr);

// (C,H,W) bytes of a gray or BGR picture: C = 1 (gray, by the weights of ITU-R BT.601) or 3 (RGB).
torch::Tensor PictureTensor(const cv::Mat& picture, std::int64_t channels);

}  // namespace denoscope
