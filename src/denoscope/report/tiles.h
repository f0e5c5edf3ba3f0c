// Sheets of small pictures: tiles in a grid with text, and what goes into a tile.
#pragma once

#include <Eigen/Dense>
#include <cstddef>
#include <opencv2/core.hpp>
#include <string>

#include "denoscope/files/array.h"

namespace denoscope {

// Pixels.
constexpr int kSheetMargin = 16, kTileGap = 8, kLabelColumn = 118, kSheetLine = 26;

// Pictures of the size of `shape` (C,H,W), values flattened: gray unless C = 3.
cv::Mat ImagePicture(const Array& image);  // clipped to [0,1]
// 0 is white (gray for colour images), the entry of largest modulus at an end of the map.
cv::Mat VectorPicture(const Eigen::VectorXf& vector, const Shape& shape);
// Root mean square over channels, 0 at the dark end of the map, `largest` and more at the other.
cv::Mat MapPicture(const Eigen::VectorXd& values, const Shape& shape, double largest);

struct TileGrid {
  int scale = 1, tile_width = 0, tile_height = 0;
  int row_extra = 0;  // room under each tile for a number
  int left = kSheetMargin + kLabelColumn;
  int Left(std::size_t column) const {
    return left + static_cast<int>(column) * (tile_width + kTileGap);
  }
  int RowHeight() const { return tile_height + row_extra + kTileGap; }
};
TileGrid MakeTileGrid(const Shape& shape, int row_extra);
std::size_t ColumnsThatFit(const TileGrid& grid, std::size_t wanted);

enum class TextAnchor { kLeft, kCentre };
void WriteText(
    cv::Mat& sheet, const std::string& text, cv::Point at, double size, TextAnchor anchor);
void PlaceTile(cv::Mat& sheet, const cv::Mat& picture, const TileGrid& grid, cv::Point at);

}  // namespace denoscope
