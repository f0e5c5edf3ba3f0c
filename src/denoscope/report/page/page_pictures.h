// Many small pictures in one, for the page: a sheet of tiles that its script cuts up again.
#pragma once

#include <Eigen/Dense>
#include <opencv2/core.hpp>
#include <string>

#include "denoscope/arrays/array.h"
#include "denoscope/files/json.h"

namespace denoscope {

// Tiles of pictures of `shape` (C,H,W), gray unless C = 3, made smaller so that neither side is
// above `longest`.
class TileSheet {
 public:
  TileSheet(const Shape& shape, int longest, std::size_t rows, std::size_t columns);

  void PlaceImage(std::size_t row, std::size_t column, const Array& image);  // clipped to [0,1]
  // Gray 127.5 (1 + v / max|v|): 0 is the middle.
  void PlaceVector(std::size_t row, std::size_t column, const Eigen::VectorXf& vector);
  // `map` (H W) in gray: 255 v / largest.
  void PlaceMap(std::size_t row, std::size_t column, const Eigen::VectorXf& map, double largest);

  // {"src", "width", "height" of a tile, "rows", "columns"}
  Json Document() const;

 private:
  Shape shape_;
  int width_, height_;
  std::size_t rows_, columns_;
  cv::Mat sheet_;

  void Place(std::size_t row, std::size_t column, const float* values, float scale, float shift);
};

// Width and height of a picture of `shape` with neither side above `longest`.
cv::Size TileSize(const Shape& shape, int longest);

std::string PngUri(const cv::Mat& picture);  // "data:image/png;base64,.."

// Five digits, null where there is no number: enough to draw, in few bytes.
Json Drawn(double value);
Json DrawnList(const Eigen::VectorXd& values);

}  // namespace denoscope
