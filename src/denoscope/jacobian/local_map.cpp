#include "denoscope/jacobian/local_map.h"

namespace denoscope {
namespace {

Reaches Inverse(const Reaches& reaches, std::int64_t count) {
  Reaches inverse(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < reaches.size(); ++i)
    for (std::int64_t j = reaches[i].low; j <= reaches[i].high; ++j) {
      Reach& r = inverse[static_cast<std::size_t>(j)];
      const auto here = static_cast<std::int64_t>(i);
      r = r.None() ? Reach{here, here} : Reach{std::min(r.low, here), std::max(r.high, here)};
    }
  return inverse;
}

std::int64_t Widest(const Reaches& reaches) {
  std::int64_t widest = 1;
  for (const Reach& r : reaches) widest = std::max(widest, r.high - r.low + 1);
  return widest;
}

}  // namespace

std::vector<Tile> Tiles(std::int64_t H, std::int64_t W, std::int64_t side) {
  std::vector<Tile> tiles;
  for (std::int64_t y = 0; y < H; y += side)
    for (std::int64_t x = 0; x < W; x += side)
      tiles.push_back({y, std::min(y + side, H), x, std::min(x + side, W)});
  return tiles;
}

Reach Span(const Reaches& reaches, std::int64_t begin, std::int64_t end) {
  Reach span;
  for (std::int64_t i = begin; i < end; ++i) {
    const Reach& r = reaches[static_cast<std::size_t>(i)];
    if (r.None()) continue;
    span = span.None() ? r : Reach{std::min(span.low, r.low), std::max(span.high, r.high)};
  }
  return span;
}

LocalAxis ByPixel(Reaches positions, std::int64_t count) {
  Reaches pixels = Inverse(positions, count);
  return {std::move(positions), std::move(pixels)};
}

LocalAxis ByPosition(Reaches pixels, std::int64_t count) {
  Reaches positions = Inverse(pixels, count);
  return {std::move(positions), std::move(pixels)};
}

std::int64_t LocalMap::LeastPeriod() const {
  return std::max(Widest(rows_.pixels), Widest(columns_.pixels));
}

void LocalMap::SetColours(at::Tensor colours, std::int64_t period) {
  colours_ = std::move(colours);
  period_ = period;
}

Tile LocalMap::PositionsOf(const Tile& pixels) const {
  const Reach y = Span(rows_.positions, pixels.y0, pixels.y1);
  const Reach x = Span(columns_.positions, pixels.x0, pixels.x1);
  return {y.low, y.high + 1, x.low, x.high + 1};
}

Tile LocalMap::PixelsOf(const Tile& positions) const {
  const Reach y = Span(rows_.pixels, positions.y0, positions.y1);
  const Reach x = Span(columns_.pixels, positions.x0, positions.x1);
  return {y.low, y.high + 1, x.low, x.high + 1};
}

at::Tensor ColourImages(std::int64_t C,
                        std::int64_t H,
                        std::int64_t W,
                        std::int64_t period,
                        at::TensorOptions options) {
  at::Tensor images = at::zeros({C * period * period, C, H, W}, options);
  for (std::int64_t c = 0; c < C; ++c)
    for (std::int64_t y = 0; y < period; ++y)
      for (std::int64_t x = 0; x < period; ++x)
        images[(c * period + y) * period + x][c]
            .slice(0, y, H, period)
            .slice(1, x, W, period)
            .fill_(1);
  return images.contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace denoscope
