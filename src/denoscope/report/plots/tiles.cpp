#include "denoscope/report/plots/tiles.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "denoscope/image/png.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"

namespace denoscope {
namespace {

constexpr double kTile = 90, kTileOnPaper = 76, kWidest = 1700;
constexpr const char* kTilesEnding = "-tiles.png";
const cv::Scalar kFrame(190, 190, 190);

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

TileGrid MakeTileGrid(const Canvas& canvas, const Shape& shape, int lines) {
  const double side = static_cast<double>(std::max(shape[1], shape[2]));
  const double least = (canvas.OnPaper() ? kTileOnPaper : kTile) * canvas.Dots();
  const double scale = std::ceil(least / side) / canvas.Dots();
  TileGrid grid;
  grid.tile_width = scale * static_cast<double>(shape[2]);
  grid.tile_height = scale * static_cast<double>(shape[1]);
  grid.lines = lines;
  return grid;
}

std::size_t ColumnsThatFit(const Canvas& canvas, const TileGrid& grid, std::size_t wanted) {
  const double room = canvas.Wide(kWidest) - kSheetMargin - grid.left + kTileGap;
  const double fit = std::floor(room / (grid.tile_width + kTileGap));
  return std::min(wanted, static_cast<std::size_t>(std::max(fit, canvas.OnPaper() ? 1.0 : 3.0)));
}

Sheet::Sheet(const Canvas& canvas, double width, double height)
    : canvas_(canvas), width_(std::max(width, canvas.Width())), height_(height) {
  tiles_ = cv::Mat(Dots(height_), Dots(width_), CV_8UC3, cv::Scalar::all(255));
}

int Sheet::Dots(double pixels) const {
  return static_cast<int>(std::lround(pixels * canvas_.Dots()));
}

void Sheet::Tile(const cv::Mat& picture, const TileGrid& grid, double left, double top) {
  const cv::Rect place(Dots(left), Dots(top), Dots(grid.tile_width), Dots(grid.tile_height));
  cv::resize(picture, tiles_(place), place.size(), 0, 0, cv::INTER_NEAREST);
  const cv::Rect frame(place.x - 1, place.y - 1, place.width + 2, place.height + 2);
  cv::rectangle(tiles_, frame, kFrame, 1);
}

void Sheet::Left(const std::string& text, double x, double y) { Text(text, x, y, "left"); }
void Sheet::Centre(const std::string& text, double x, double y) { Text(text, x, y, "center"); }

void Sheet::Text(const std::string& text, double x, double y, const char* anchor) {
  constexpr double kSink = 2;  // pixels: between the middles of lines that PNG and SVG have
  labels_ += fmt::format("set label '{}' at {:.1f},{:.1f} {} font ',15' front\n",
                         text,
                         x,
                         height_ - y - kSink,
                         anchor);
}

std::filesystem::path Sheet::Write(const std::string& name) const {
  WritePng(canvas_.folder / (name + kTilesEnding), tiles_);
  const double pixel = 1 / canvas_.Dots();  // axes run from the middle of the first to the last
  return Draw(canvas_,
              {name,
               width_,
               height_,
               fmt::format(R"(set lmargin at screen 0
set rmargin at screen 1
set bmargin at screen 0
set tmargin at screen 1
set xrange [0:{0:.8g}]
set yrange [0:{1:.8g}]
unset border
unset tics
unset grid
{2}plot '{3}{4}' binary filetype=png dx={5:.8g} dy={5:.8g} with rgbimage
)",
                           pixel * (tiles_.cols - 1),
                           pixel * (tiles_.rows - 1),
                           labels_,
                           name,
                           kTilesEnding,
                           pixel),
               {}});
}

std::string TileNumber(double value, int digits) {
  constexpr double kSmall = 1e-3;  // from here on a power of ten is shorter
  const bool small = value != 0 && std::abs(value) < kSmall;
  std::string text = small ? fmt::format("{:.0e}", value) : fmt::format("{:.{}g}", value, digits);
  for (std::size_t at = text.find('-'); at != std::string::npos; at = text.find('-', at))
    text.replace(at, 1, "−");
  return text;
}

bool IsFigure(const std::filesystem::path& png) {
  const std::string name = png.filename().string(), ending = kTilesEnding;
  return png.extension() == ".png" &&
         (name.size() < ending.size() ||
          name.compare(name.size() - ending.size(), ending.size(), ending) != 0);
}

}  // namespace denoscope
