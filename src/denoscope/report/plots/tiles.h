// Sheets of small pictures: what goes into a tile, and tiles in a grid with text.
#pragma once

#include <Eigen/Dense>
#include <cstddef>
#include <filesystem>
#include <opencv2/core.hpp>
#include <string>

#include "denoscope/arrays/array.h"
#include "denoscope/report/plots/canvas.h"

namespace denoscope {

// Pixels of the layout.
constexpr double kSheetMargin = 16, kTileGap = 8, kLabelColumn = 118, kSheetLine = 26;

// Pictures of the size of `shape` (C,H,W), values flattened: gray unless C = 3.
cv::Mat ImagePicture(const Array& image);  // clipped to [0,1]
// 0 is white (gray for colour images), the entry of largest modulus at an end of the map.
cv::Mat VectorPicture(const Eigen::VectorXf& vector, const Shape& shape);
// Root mean square over channels, 0 at the dark end of the map, `largest` and more at the other.
cv::Mat MapPicture(const Eigen::VectorXd& values, const Shape& shape, double largest);

struct TileGrid {
  double tile_width = 0, tile_height = 0;
  int lines = 0;  // of text under each tile
  double left = kSheetMargin + kLabelColumn;
  double Left(std::size_t column) const {
    return left + static_cast<double>(column) * (tile_width + kTileGap);
  }
  double Centre(std::size_t column) const { return Left(column) + tile_width / 2; }
  double RowHeight() const { return tile_height + kSheetLine * lines + kTileGap; }
};
// Tiles whose pixels are whole dots of the PNG.
TileGrid MakeTileGrid(const Canvas& canvas, const Shape& shape, int lines);
std::size_t ColumnsThatFit(const Canvas& canvas, const TileGrid& grid, std::size_t wanted);

// Collects tiles and texts; its script shows a picture of the tiles alone and writes the texts over
// it. Places are in pixels of the layout from the upper left corner.
class Sheet {
 public:
  Sheet(const Canvas& canvas, double width, double height);  // on paper at least as wide as that

  void Tile(const cv::Mat& picture, const TileGrid& grid, double left, double top);
  // y: of the middle of the line. The text may have gnuplot's marks, "λ_k", "10^{-3}"; what
  // comes from outside passes Plain.
  void Left(const std::string& text, double x, double y);
  void Centre(const std::string& text, double x, double y);

  const cv::Mat& Tiles() const { return tiles_; }
  // Of NAME.png, beside NAME-tiles.png and NAME.gp.
  std::filesystem::path Write(const std::string& name) const;

 private:
  Canvas canvas_;
  double width_, height_;
  cv::Mat tiles_;  // dots of the PNG
  std::string labels_;

  int Dots(double pixels) const;  // of the PNG
  void Text(const std::string& text, double x, double y, const char* anchor);
};

// Few characters, with a real minus sign.
std::string TileNumber(double value, int digits = 3);

// A picture of tiles belongs to a sheet and is no figure of its own.
bool IsFigure(const std::filesystem::path& png);

}  // namespace denoscope
