#include "denoscope/jacobian/native_jacobian.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using at::Tensor;
using Value = NetworkTable::Value;
constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

void StopIfCancelled() {
  if (CancelRequested()) throw Interrupted("jacobian: interrupted");
}

// Which positions of a value belong to each pixel, and which pixels to each position, on one axis.
struct Axis {
  Reaches pixels_of, positions_of;
};

Axis Inverted(Reaches of, std::size_t count) {
  Axis axis;
  axis.positions_of.assign(count, Reach());
  for (std::size_t i = 0; i < of.size(); ++i)
    for (std::int64_t j = of[i].low; j <= of[i].high; ++j) {
      Reach& r = axis.positions_of[static_cast<std::size_t>(j)];
      const auto here = static_cast<std::int64_t>(i);
      r = r.None() ? Reach{here, here} : Reach{std::min(r.low, here), std::max(r.high, here)};
    }
  axis.pixels_of = std::move(of);
  return axis;
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

std::int64_t Widest(const Reaches& reaches) {
  std::int64_t widest = 1;
  for (const Reach& r : reaches) widest = std::max(widest, r.high - r.low + 1);
  return widest;
}

// A local linear map between pixels and a value: for each colour, the value's (co)tangent for all
// pixels of that colour together. Pixel (c,y,x) has colour (c, y mod period, x mod period).
struct LocalMap {
  Axis rows, columns;
  std::int64_t period = 1;
  Tensor colours;  // (C period period, h, w, channels) contiguous

  std::int64_t Colour(std::int64_t c, std::int64_t y, std::int64_t x) const {
    return (c * period + y % period) * period + x % period;
  }
};

// Ones at every pixel of each colour, (C period period, C, H, W).
Tensor ColourImages(std::int64_t C,
                    std::int64_t H,
                    std::int64_t W,
                    std::int64_t period,
                    at::TensorOptions options) {
  Tensor images = at::zeros({C, period, period, C, H, W}, options);
  for (std::int64_t c = 0; c < C; ++c)
    for (std::int64_t y = 0; y < H; ++y)
      for (std::int64_t x = 0; x < W; ++x) images[c][y % period][x % period][c][y][x] = 1;
  return images.flatten(0, 2).contiguous(kLayout);
}

Tensor ChannelsInside(const Tensor& x) { return x.permute({0, 2, 3, 1}).contiguous(); }

struct Tile {
  std::int64_t y0, y1, x0, x1;
  std::int64_t Area() const { return (y1 - y0) * (x1 - x0); }
};

class SplitJacobian {
 public:
  SplitJacobian(const LinearisedNetwork& network,
                const NetworkCut& cut,
                std::int64_t channels,
                std::int64_t block)
      : network_(network),
        cut_(cut),
        table_(network.Table()),
        C_(channels),
        block_(block),
        options_(network.Output().options()) {
    input_ = network.ValueShape(0);
    output_ = network.ValueShape(table_.Layers().size());
    PrepareMaps();
  }

  Tensor Compute() {
    const std::int64_t H = input_[1], W = input_[2];
    const std::int64_t rows = output_[0] * output_[1] * output_[2];
    J_ = at::zeros({rows, C_ * H * W}, options_);
    for (std::int64_t y = 0; y < H; y += kTile)
      for (std::int64_t x = 0; x < W; x += kTile)
        tiles_.push_back({y, std::min(y + kTile, H), x, std::min(x + kTile, W)});
    AddSkips();
    AddMiddle();
    return J_;
  }

 private:
  static constexpr std::int64_t kTile = 4;

  Axis PrefixAxis(Value v, std::int64_t side) const {
    return Inverted(table_.ReachOf(0, v, side), static_cast<std::size_t>(side));
  }
  // Of the suffix pixels are outputs: a pixel's positions are what it depends on.
  Axis SuffixAxis(Value v, std::int64_t side, std::int64_t positions) const {
    Axis axis = Inverted(table_.ReachOf(v, table_.Layers().size(), side, cut_.suffix),
                         static_cast<std::size_t>(positions));
    std::swap(axis.pixels_of, axis.positions_of);
    return axis;
  }

  void PrepareMaps() {
    std::vector<Value> values = cut_.skips;
    values.push_back(cut_.enter);
    for (const Value v : values) {
      prefix_[v].rows = PrefixAxis(v, input_[1]);
      prefix_[v].columns = PrefixAxis(v, input_[2]);
    }
    values.back() = cut_.leave;
    for (const Value v : values) {
      const Shape shape = network_.ValueShape(v);
      suffix_[v].rows = SuffixAxis(v, input_[1], shape[1]);
      suffix_[v].columns = SuffixAxis(v, input_[2], shape[2]);
    }
    Colour(prefix_, C_, [&](const Tensor& images) {
      const Tensor tangents = at::zeros({images.size(0), input_[0], input_[1], input_[2]}, options_)
                                  .contiguous(kLayout);
      tangents.narrow(1, 0, C_).copy_(images);
      return network_.Push({{0, tangents}}, 0, cut_.middle);
    });
    Colour(suffix_, output_[0], [&](const Tensor& images) {
      const std::size_t end = table_.Layers().size();
      return network_.Pull({{end, images}}, cut_.suffix, end);
    });
  }

  // Fills the colours of all maps, some at a time.
  template <typename Product>
  void Colour(std::map<Value, LocalMap>& maps, std::int64_t channels, const Product& product) {
    std::int64_t period = 1;
    for (const auto& [v, map] : maps)
      period = std::max({period, Widest(map.rows.pixels_of), Widest(map.columns.pixels_of)});
    const Tensor images = ColourImages(channels, input_[1], input_[2], period, options_);
    std::map<Value, std::vector<Tensor>> parts;
    for (std::int64_t i = 0; i < images.size(0); i += block_) {
      StopIfCancelled();
      const ValueBlocks made = product(images.slice(0, i, i + block_).contiguous(kLayout));
      for (auto& [v, map] : maps) parts[v].push_back(ChannelsInside(made.at(v)));
    }
    for (auto& [v, map] : maps) {
      map.period = period;
      map.colours = at::cat(parts[v]);
    }
  }

  // The window of the map's value that the tile's pixels belong to.
  static Tile Window(const LocalMap& map, const Tile& tile) {
    const Reach y = Span(map.rows.positions_of, tile.y0, tile.y1);
    const Reach x = Span(map.columns.positions_of, tile.x0, tile.x1);
    return {y.low, y.high + 1, x.low, x.high + 1};
  }

  // Copies the part of one pixel's (co)tangent that is its own into `to`, whose rows are those of
  // `window`, (window rows, window columns, channels) from a zeroed state.
  template <typename Scalar>
  static void CopyPixel(const LocalMap& map,
                        std::int64_t c,
                        std::int64_t y,
                        std::int64_t x,
                        const Tile& window,
                        Scalar* to) {
    const std::int64_t h = map.colours.size(1), w = map.colours.size(2), K = map.colours.size(3);
    const Scalar* from = map.colours.data_ptr<Scalar>() + map.Colour(c, y, x) * h * w * K;
    const Reach& rows = map.rows.positions_of[static_cast<std::size_t>(y)];
    const Reach& columns = map.columns.positions_of[static_cast<std::size_t>(x)];
    const std::int64_t left = std::max(columns.low, window.x0);
    const std::int64_t right = std::min(columns.high + 1, window.x1);
    if (left >= right) return;
    for (std::int64_t r = std::max(rows.low, window.y0); r < std::min(rows.high + 1, window.y1);
         ++r)
      std::copy(from + (r * w + left) * K,
                from + (r * w + right) * K,
                to + ((r - window.y0) * (window.x1 - window.x0) + left - window.x0) * K);
  }

  // P of one tile: (C area, window area, channels), a row an input pixel.
  template <typename Scalar>
  Tensor TileColumns(const LocalMap& map, const Tile& tile, const Tile& window) const {
    const std::int64_t size = window.Area() * map.colours.size(3);
    Tensor P = at::zeros({C_ * tile.Area(), size}, options_);
    Scalar* to = P.data_ptr<Scalar>();
    for (std::int64_t c = 0; c < C_; ++c)
      for (std::int64_t y = tile.y0; y < tile.y1; ++y)
        for (std::int64_t x = tile.x0; x < tile.x1; ++x, to += size)
          CopyPixel(map, c, y, x, window, to);
    return P;
  }

  // Adds `part` (n, C area) to these rows of J at the tile's columns.
  template <typename Scalar>
  void AddColumns(const Tile& tile, const std::vector<std::int64_t>& rows, const Tensor& part) {
    const std::int64_t H = input_[1], W = input_[2], width = tile.x1 - tile.x0;
    const Scalar* from = part.data_ptr<Scalar>();
    for (const std::int64_t row : rows) {
      Scalar* J = J_.data_ptr<Scalar>() + row * J_.size(1);
      for (std::int64_t c = 0; c < C_; ++c)
        for (std::int64_t y = tile.y0; y < tile.y1; ++y, from += width) {
          Scalar* to = J + (c * H + y) * W + tile.x0;
          for (std::int64_t x = 0; x < width; ++x) to[x] += from[x];
        }
    }
  }

  template <typename Work>
  void Dispatch(const Work& work) {
    if (options_.dtype() == at::kFloat)
      work(float());
    else
      work(double());
  }

  void AddSkips() {
    for (const Value v : cut_.skips)
      Dispatch([&](auto zero) {
        using Scalar = decltype(zero);
        at::parallel_for(0, Count(tiles_), 1, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t t = begin; t < end; ++t)
            AddSkip<Scalar>(v, tiles_[static_cast<std::size_t>(t)]);
        });
      });
  }

  template <typename T>
  static std::int64_t Count(const std::vector<T>& x) {
    return static_cast<std::int64_t>(x.size());
  }

  template <typename Scalar>
  void AddSkip(Value v, const Tile& tile) {
    const LocalMap &prefix = prefix_.at(v), &suffix = suffix_.at(v);
    const Tile window = Window(prefix, tile);
    const Reach y = Span(suffix.rows.pixels_of, window.y0, window.y1);
    const Reach x = Span(suffix.columns.pixels_of, window.x0, window.x1);
    const std::int64_t size = window.Area() * suffix.colours.size(3);
    std::vector<std::int64_t> rows;
    Tensor G =
        at::zeros({output_[0] * (y.high - y.low + 1) * (x.high - x.low + 1), size}, options_);
    Scalar* to = G.data_ptr<Scalar>();
    for (std::int64_t c = 0; c < output_[0]; ++c)
      for (std::int64_t r = y.low; r <= y.high; ++r)
        for (std::int64_t s = x.low; s <= x.high; ++s, to += size) {
          CopyPixel(suffix, c, r, s, window, to);
          rows.push_back((c * output_[1] + r) * output_[2] + s);
        }
    const Tensor P = TileColumns<Scalar>(prefix, tile, window);
    AddColumns<Scalar>(tile, rows, at::mm(G, P.t()));
  }

  void AddMiddle() {
    Dispatch([&](auto zero) {
      using Scalar = decltype(zero);
      const LocalMap& prefix = prefix_.at(cut_.enter);
      std::vector<Tensor> P;
      for (const Tile& tile : tiles_)
        P.push_back(TileColumns<Scalar>(prefix, tile, Window(prefix, tile)));
      for (std::int64_t row = 0; row < J_.size(0); row += block_) {
        StopIfCancelled();
        const std::int64_t count = std::min(block_, J_.size(0) - row);
        const Tensor g = PullMiddle<Scalar>(row, count);
        at::parallel_for(0, Count(tiles_), 1, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t t = begin; t < end; ++t)
            AddTile<Scalar>(
                g, row, tiles_[static_cast<std::size_t>(t)], P[static_cast<std::size_t>(t)]);
        });
      }
    });
  }

  // Cotangents of these rows at the middle's entrance, (count, h, w, channels).
  template <typename Scalar>
  Tensor PullMiddle(std::int64_t row, std::int64_t count) const {
    const LocalMap& suffix = suffix_.at(cut_.leave);
    const Shape shape = network_.ValueShape(cut_.leave);
    const Tile whole = {0, shape[1], 0, shape[2]};
    Tensor g = at::zeros({count, shape[1], shape[2], shape[0]}, options_);
    Scalar* to = g.data_ptr<Scalar>();
    for (std::int64_t i = row; i < row + count; ++i, to += shape[0] * shape[1] * shape[2]) {
      const std::int64_t pixel = i % (output_[1] * output_[2]);
      CopyPixel(
          suffix, i / (output_[1] * output_[2]), pixel / output_[2], pixel % output_[2], whole, to);
    }
    ValueBlocks pulled =
        network_.Pull({{cut_.leave, g.permute({0, 3, 1, 2})}}, cut_.middle, cut_.suffix);
    return ChannelsInside(pulled.at(cut_.enter));
  }

  template <typename Scalar>
  void AddTile(const Tensor& g, std::int64_t row, const Tile& tile, const Tensor& P) {
    const Tile window = Window(prefix_.at(cut_.enter), tile);
    const std::int64_t w = g.size(2), K = g.size(3), width = (window.x1 - window.x0) * K;
    Tensor part = at::zeros({g.size(0), P.size(0)}, options_);
    for (std::int64_t r = window.y0; r < window.y1; ++r) {
      const Tensor rows =
          g.as_strided({g.size(0), width}, {g.stride(0), 1}, (r * w + window.x0) * K);
      part.addmm_(rows, P.narrow(1, (r - window.y0) * width, width).t());
    }
    std::vector<std::int64_t> indices(static_cast<std::size_t>(g.size(0)));
    for (std::size_t i = 0; i < indices.size(); ++i)
      indices[i] = row + static_cast<std::int64_t>(i);
    AddColumns<Scalar>(tile, indices, part);
  }

  const LinearisedNetwork& network_;
  const NetworkCut& cut_;
  const NetworkTable& table_;
  std::int64_t C_, block_;
  at::TensorOptions options_;
  Shape input_, output_;  // (C,H,W) of the network's own values
  std::map<Value, LocalMap> prefix_, suffix_;
  std::vector<Tile> tiles_;
  Tensor J_;
};

// One backward pass a row.
Tensor PlainJacobian(const LinearisedNetwork& network, std::int64_t channels, std::int64_t block) {
  const Shape in = network.ValueShape(0);
  const at::IntArrayRef out = network.Output().sizes();
  const std::int64_t rows = network.Output().numel();
  Tensor J = at::empty({rows, channels * in[1] * in[2]}, network.Output().options());
  for (std::int64_t row = 0; row < rows; row += block) {
    StopIfCancelled();
    const std::int64_t count = std::min(block, rows - row);
    Tensor u = at::zeros({count, rows}, network.Output().options());
    u.narrow(1, row, count).diagonal().fill_(1);
    const Tensor g =
        network.ApplyTranspose(u.view({count, out[1], out[2], out[3]}).contiguous(kLayout));
    J.narrow(0, row, count).copy_(g.narrow(1, 0, channels).reshape({count, J.size(1)}));
  }
  return J;
}

}  // namespace

std::optional<NetworkCut> FindCut(const NetworkTable& table) {
  const std::vector<Layer>& layers = table.Layers();
  const auto shrinks = [](const Layer& l) {
    return l.operation == Operation::kConvolution && l.stride > 1;
  };
  const auto grows = [](const Layer& l) {
    return l.operation == Operation::kDoubling ||
           (l.operation == Operation::kTransposed && l.stride > 1);
  };
  const auto first = std::find_if(layers.begin(), layers.end(), shrinks);
  const auto last = std::find_if(layers.rbegin(), layers.rend(), grows);
  if (first == layers.end() || last == layers.rend()) return std::nullopt;
  NetworkCut cut;
  cut.middle = static_cast<std::size_t>(first - layers.begin()) + 1;
  cut.suffix = static_cast<std::size_t>(layers.rend() - last) - 1;
  cut.enter = cut.middle;
  if (cut.suffix < cut.middle) return std::nullopt;
  cut.leave = layers[cut.suffix].inputs[0];
  if (cut.leave < cut.enter) return std::nullopt;
  for (std::size_t i = cut.middle; i < layers.size(); ++i)
    for (const Value v : layers[i].inputs) {
      const bool in_suffix = i >= cut.suffix;
      const bool from_prefix = v < cut.enter, from_middle = v >= cut.enter && v <= cut.suffix;
      if (!in_suffix && from_prefix) return std::nullopt;
      if (in_suffix && from_middle && v != cut.leave) return std::nullopt;
      if (in_suffix && from_prefix &&
          std::find(cut.skips.begin(), cut.skips.end(), v) == cut.skips.end())
        cut.skips.push_back(v);
    }
  return cut;
}

Tensor NativeJacobian(const LinearisedNetwork& network, std::int64_t channels, std::int64_t block) {
  const at::NoGradGuard no_gradient;
  const std::optional<NetworkCut> cut = FindCut(network.Table());
  if (!cut) return PlainJacobian(network, channels, block);
  return SplitJacobian(network, *cut, channels, block).Compute();
}

}  // namespace denoscope
