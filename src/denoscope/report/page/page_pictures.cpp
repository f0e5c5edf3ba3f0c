#include "denoscope/report/page/page_pictures.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "denoscope/files/base64.h"
#include "denoscope/image/picture_bytes.h"

namespace denoscope {

cv::Size TileSize(const Shape& shape, int longest) {
  const auto side = static_cast<double>(std::max(shape[1], shape[2]));
  const double scale = std::min(1.0, longest / side);
  const auto scaled = [&](std::int64_t pixels) {
    return std::max(1, static_cast<int>(std::lround(scale * static_cast<double>(pixels))));
  };
  return {scaled(shape[2]), scaled(shape[1])};
}

TileSheet::TileSheet(const Shape& shape, int longest, std::size_t rows, std::size_t columns)
    : shape_(shape), rows_(rows), columns_(columns) {
  const cv::Size size = TileSize(shape, longest);
  width_ = size.width;
  height_ = size.height;
  constexpr double kGray = 127;
  sheet_ = cv::Mat(height_ * static_cast<int>(rows),
                   width_ * static_cast<int>(columns),
                   shape[0] == 3 ? CV_8UC3 : CV_8UC1,
                   cv::Scalar::all(kGray));
}

void TileSheet::PlaceImage(std::size_t row, std::size_t column, const Array& image) {
  if (ElementCount(image.shape) != ElementCount(shape_)) return;
  Place(row, column, image.Data<float>(), 255, 0);
}

void TileSheet::PlaceVector(std::size_t row, std::size_t column, const Eigen::VectorXf& vector) {
  if (vector.size() != ElementCount(shape_)) return;
  const float largest = std::max(vector.cwiseAbs().maxCoeff(), 1e-30F);
  Place(row, column, vector.data(), 127.5F / largest, 127.5F);
}

void TileSheet::PlaceMap(std::size_t row,
                         std::size_t column,
                         const Eigen::VectorXf& map,
                         double largest) {
  if (map.size() != shape_[1] * shape_[2]) return;
  const Eigen::VectorXf channels = map.replicate(shape_[0], 1);
  Place(row, column, channels.data(), 255 / static_cast<float>(std::max(largest, 1e-30)), 0);
}

void TileSheet::Place(
    std::size_t row, std::size_t column, const float* values, float scale, float shift) {
  const int H = static_cast<int>(shape_[1]), W = static_cast<int>(shape_[2]);
  const int channels = sheet_.channels();
  cv::Mat tile(H, W, sheet_.type());
  for (int i = 0; i < H * W; ++i)
    for (int c = 0; c < channels; ++c) {
      const float value = values[static_cast<std::ptrdiff_t>(c) * H * W + i];
      // OpenCV keeps blue first.
      tile.data[i * channels + (channels - 1 - c)] =
          std::isfinite(value) ? cv::saturate_cast<uchar>(scale * value + shift) : uchar{127};
    }
  const cv::Rect place(
      static_cast<int>(column) * width_, static_cast<int>(row) * height_, width_, height_);
  if (place.size() == tile.size())
    tile.copyTo(sheet_(place));
  else
    cv::resize(tile, sheet_(place), place.size(), 0, 0, cv::INTER_AREA);
}

Json TileSheet::Document() const {
  return {{"src", PngUri(sheet_)},
          {"width", width_},
          {"height", height_},
          {"rows", rows_},
          {"columns", columns_}};
}

std::string PngUri(const cv::Mat& picture) {
  return "data:image/png;base64," + Base64(PngBytes(picture));
}

Json Drawn(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::stod(fmt::format("{:.5g}", value));
}

Json DrawnList(const Eigen::VectorXd& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(Drawn(value));
  return list;
}

}  // namespace denoscope
