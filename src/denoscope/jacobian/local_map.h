// A linear map between the pixels of an image and a value of a network that is local: a pixel goes
// with few positions of the value, and a position with few pixels. Pixels too far apart to share a
// position get the same colour; one product gives the columns (or rows) of all pixels of a colour.
// Source: Curtis, Powell, Reid 1974.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "denoscope/denoise/network_table.h"

namespace denoscope {

// Rows y0 to y1 - 1, columns x0 to x1 - 1.
struct Tile {
  std::int64_t y0 = 0, y1 = 0, x0 = 0, x1 = 0;
  std::int64_t Height() const { return y1 - y0; }
  std::int64_t Width() const { return x1 - x0; }
  std::int64_t Area() const { return Height() * Width(); }
};

std::vector<Tile> Tiles(std::int64_t H, std::int64_t W, std::int64_t side);

// The union of reaches [begin, end).
Reach Span(const Reaches& reaches, std::int64_t begin, std::int64_t end);

// Of one axis: the positions of each pixel, and the pixels of each position.
struct LocalAxis {
  Reaches positions, pixels;
};
LocalAxis ByPixel(Reaches positions, std::int64_t count);  // count positions
LocalAxis ByPosition(Reaches pixels, std::int64_t count);  // count pixels

class LocalMap {
 public:
  LocalMap() = default;
  LocalMap(LocalAxis rows, LocalAxis columns)
      : rows_(std::move(rows)), columns_(std::move(columns)) {}

  // Pixels this far apart on an axis share no position.
  std::int64_t LeastPeriod() const;
  // The products of all colours, (C period^2, h, w, K) contiguous; pixel (c,y,x) has colour
  // (c, y mod period, x mod period).
  void SetColours(at::Tensor colours, std::int64_t period);
  std::int64_t Channels() const { return colours_.size(3); }  // K, of the value

  Tile PositionsOf(const Tile& pixels) const;
  Tile PixelsOf(const Tile& positions) const;

  // Copies what belongs to pixel (c,y,x) within `window` to `to`, (window rows, window columns, K),
  // which was zero.
  template <typename Scalar>
  void CopyPixel(
      std::int64_t c, std::int64_t y, std::int64_t x, const Tile& window, Scalar* to) const;

 private:
  LocalAxis rows_, columns_;
  std::int64_t period_ = 1;
  at::Tensor colours_;
};

// Ones at every pixel of each colour, (C period^2, C, H, W).
at::Tensor ColourImages(
    std::int64_t C, std::int64_t H, std::int64_t W, std::int64_t period, at::TensorOptions options);

template <typename Scalar>
void LocalMap::CopyPixel(
    std::int64_t c, std::int64_t y, std::int64_t x, const Tile& window, Scalar* to) const {
  const std::int64_t h = colours_.size(1), w = colours_.size(2), K = colours_.size(3);
  const std::int64_t colour = (c * period_ + y % period_) * period_ + x % period_;
  const Scalar* from = colours_.data_ptr<Scalar>() + colour * h * w * K;
  const Reach& rows = rows_.positions[static_cast<std::size_t>(y)];
  const Reach& columns = columns_.positions[static_cast<std::size_t>(x)];
  const std::int64_t left = std::max(columns.low, window.x0);
  const std::int64_t right = std::min(columns.high + 1, window.x1);
  if (left >= right) return;
  const std::int64_t bottom = std::min(rows.high + 1, window.y1);
  for (std::int64_t r = std::max(rows.low, window.y0); r < bottom; ++r)
    std::copy(from + (r * w + left) * K,
              from + (r * w + right) * K,
              to + ((r - window.y0) * window.Width() + left - window.x0) * K);
}

}  // namespace denoscope
