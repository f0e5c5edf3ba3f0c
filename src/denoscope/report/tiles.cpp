#include "denoscope/report/tiles.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "denoscope/report/palette.h"

namespace denoscope {
namespace {

constexpr int kTile = 90, kWidest = 1700;
const cv::Scalar kInk(50, 50, 50), kFrame(190, 190, 190);

cv::Vec3b Bgr(const Colour& c) {
  return {cv::saturate_cast<uchar>(c[2]),
          cv::saturate_cast<uchar>(c[1]),
          cv::saturate_cast<uchar>(c[0])};
}

// Channels of `values`, (C,H,W) flattened: gray unless C = 3.
Colour PixelAt(const float* values, const Shape& shape, std::int64_t pixel) {
  const std::int64_t plane = shape[1] * shape[2];
  Colour colour = {};
  for (std::size_t c = 0; c < colour.size(); ++c)
    colour[c] = values[(shape[0] == 3 ? static_cast<std::int64_t>(c) * plane : 0) + pixel];
  return colour;
}

template <typename Paint>
cv::Mat Painted(const float* values, const Shape& shape, const Paint& paint) {
  cv::Mat picture(static_cast<int>(shape[1]), static_cast<int>(shape[2]), CV_8UC3);
  for (std::int64_t i = 0; i < shape[1] * shape[2]; ++i)
    picture.at<cv::Vec3b>(static_cast<int>(i / shape[2]), static_cast<int>(i % shape[2])) =
        Bgr(paint(PixelAt(values, shape, i)));
  return picture;
}

}  // namespace

cv::Mat ImagePicture(const Array& image) {
  return Painted(image.Data<float>(), image.shape, [](Colour c) {
    for (double& value : c) value = 255 * std::clamp(value, 0.0, 1.0);
    return c;
  });
}

cv::Mat VectorPicture(const Eigen::VectorXf& vector, const Shape& shape) {
  const double largest = std::max<double>(vector.cwiseAbs().maxCoeff(), 1e-30);
  return Painted(vector.data(), shape, [&](Colour c) {
    if (shape[0] != 3) return Diverging(c[0] / largest);
    for (double& value : c) value = 127.5 * (1 + value / largest);
    return c;
  });
}

cv::Mat MapPicture(const Eigen::VectorXd& values, const Shape& shape, double largest) {
  const std::int64_t plane = shape[1] * shape[2];
  const Eigen::VectorXf sizes =
      values.reshaped(plane, shape[0]).rowwise().squaredNorm().cwiseSqrt().cast<float>() /
      std::sqrt(static_cast<float>(shape[0]));
  const double scale = std::max(largest, 1e-30);
  return Painted(
      sizes.data(), {1, shape[1], shape[2]}, [&](Colour c) { return Sequential(c[0] / scale); });
}

TileGrid MakeTileGrid(const Shape& shape, int row_extra) {
  TileGrid grid;
  grid.scale = std::max<int>(1,
                             (kTile + static_cast<int>(std::max(shape[1], shape[2])) - 1) /
                                 static_cast<int>(std::max(shape[1], shape[2])));
  grid.tile_width = grid.scale * static_cast<int>(shape[2]);
  grid.tile_height = grid.scale * static_cast<int>(shape[1]);
  grid.row_extra = row_extra;
  return grid;
}

std::size_t ColumnsThatFit(const TileGrid& grid, std::size_t wanted) {
  const int fit = (kWidest - kSheetMargin - grid.left) / (grid.tile_width + kTileGap);
  return std::min(wanted, static_cast<std::size_t>(std::max(fit, 3)));
}

void WriteText(
    cv::Mat& sheet, const std::string& text, cv::Point at, double size, TextAnchor anchor) {
  constexpr int kFont = cv::FONT_HERSHEY_DUPLEX;
  if (anchor == TextAnchor::kCentre)
    at.x -= cv::getTextSize(text, kFont, size, 1, nullptr).width / 2;
  cv::putText(sheet, text, at, kFont, size, kInk, 1, cv::LINE_AA);
}

void PlaceTile(cv::Mat& sheet, const cv::Mat& picture, const TileGrid& grid, cv::Point at) {
  const cv::Rect place(at.x, at.y, grid.tile_width, grid.tile_height);
  cv::resize(picture, sheet(place), place.size(), 0, 0, cv::INTER_NEAREST);
  cv::rectangle(sheet, cv::Rect(at.x - 1, at.y - 1, place.width + 2, place.height + 2), kFrame, 1);
}

}  // namespace denoscope
