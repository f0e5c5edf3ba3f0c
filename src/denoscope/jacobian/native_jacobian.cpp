#include "denoscope/jacobian/native_jacobian.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <atomic>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/jacobian/local_map.h"
#include "denoscope/jacobian/network_cut.h"

namespace denoscope {
namespace {

using at::Tensor;
using Value = NetworkTable::Value;
constexpr auto kLayout = at::MemoryFormat::ChannelsLast;
// Pixels of a side of a tile, whose rows or columns are done together: larger ones waste products
// on zeros, smaller ones make products too small to run well.
constexpr std::int64_t kTile = 4;

void StopIfCancelled() {
  if (CancelRequested()) throw Interrupted("jacobian: interrupted");
}

Tensor ChannelsInside(const Tensor& x) { return x.permute({0, 2, 3, 1}).contiguous(); }
Tensor ChannelsOutside(const Tensor& x) { return x.permute({0, 3, 1, 2}); }

// Runs work(i) for i < count on all threads.
template <typename Work>
void InParallel(std::size_t count, const Work& work) {
  at::parallel_for(
      0, static_cast<std::int64_t>(count), 1, [&](std::int64_t begin, std::int64_t end) {
        const at::NoGradGuard no_gradient;  // of this thread
        for (std::int64_t i = begin; i < end; ++i) work(static_cast<std::size_t>(i));
      });
}

// Cotangents of a tile's rows at values of the middle, each on its window.
template <typename WindowOf>
class WindowedCotangents {
 public:
  explicit WindowedCotangents(WindowOf window_of) : window_of_(std::move(window_of)) {}

  // Adds `data`, whose first position is (y0,x0), to the value's cotangent; what lies outside the
  // value's window belongs to no row.
  void Add(Value v, const Tensor& data, std::int64_t y0, std::int64_t x0) {
    const Tile w = window_of_(v);
    const Tile part = {std::max(y0, w.y0),
                       std::min(y0 + data.size(2), w.y1),
                       std::max(x0, w.x0),
                       std::min(x0 + data.size(3), w.x1)};
    const Tensor inside =
        data.narrow(2, part.y0 - y0, part.Height()).narrow(3, part.x0 - x0, part.Width());
    Tensor& sum = values_[v];
    if (!sum.defined() && part.Area() == w.Area()) {
      sum = inside.contiguous(kLayout);
      return;
    }
    Tensor grown = at::zeros({data.size(0), w.Height(), w.Width(), data.size(1)}, data.options());
    grown = ChannelsOutside(grown);
    if (sum.defined()) grown.copy_(sum);
    grown.narrow(2, part.y0 - w.y0, part.Height())
        .narrow(3, part.x0 - w.x0, part.Width())
        .add_(inside);
    sum = grown;
  }
  const Tensor& At(Value v) const { return values_.at(v); }

 private:
  WindowOf window_of_;
  std::map<Value, Tensor> values_;
};

template <typename Scalar>
class SplitJacobian {
 public:
  SplitJacobian(const LinearisedNetwork& network,
                const NetworkCut& cut,
                std::int64_t channels,
                std::int64_t block)
      : network_(network),
        cut_(cut),
        table_(network.Table()),
        end_(table_.Layers().size()),
        C_(channels),
        block_(block),
        options_(network.Output().options()),
        in_(network.ValueShape(0)),
        out_(network.ValueShape(end_)),
        tiles_(Tiles(in_[1], in_[2], kTile)) {
    MakePrefix();
    MakeSuffix();
    ChooseWindows();
  }

  NativeResult Compute() {
    J_ = at::zeros({out_[0] * out_[1] * out_[2], C_ * in_[1] * in_[2]}, options_);
    for (const Value v : cut_.skips)
      InParallel(tiles_.size(), [&](std::size_t t) { AddSkip(v, tiles_[t]); });
    std::vector<Tensor> P(tiles_.size());
    InParallel(tiles_.size(),
               [&](std::size_t t) { P[t] = Columns(prefix_.at(cut_.enter), tiles_[t]); });
    const auto group =
        static_cast<std::size_t>(std::max<std::int64_t>(1, block_ / (out_[0] * kTile * kTile)));
    for (std::size_t begin = 0; begin < tiles_.size(); begin += group) {
      StopIfCancelled();
      AddMiddle(begin, std::min(begin + group, tiles_.size()), P);
    }
    return {J_, gflop_};
  }

 private:
  // P: values of the prefix by pixels of the input.
  void MakePrefix() {
    std::vector<Value> values = cut_.skips;
    values.push_back(cut_.enter);
    for (const Value v : values)
      prefix_[v] = {ByPosition(table_.ReachOf(0, v, in_[1]), in_[1]),
                    ByPosition(table_.ReachOf(0, v, in_[2]), in_[2])};
    Colour(prefix_, C_, [&](const Tensor& images) {
      const Tensor tangents =
          at::zeros({images.size(0), in_[0], in_[1], in_[2]}, options_).contiguous(kLayout);
      tangents.narrow(1, 0, C_).copy_(images);
      Count(images.size(0), 0, cut_.middle);
      return network_.Push({{0, tangents}}, 0, cut_.middle);
    });
  }

  // S: values that the suffix reads by pixels of the output.
  void MakeSuffix() {
    std::vector<Value> values = cut_.skips;
    values.push_back(cut_.leave);
    for (const Value v : values) {
      const Shape shape = network_.ValueShape(v);
      suffix_[v] = {ByPixel(table_.ReachOf(v, end_, in_[1], cut_.suffix), shape[1]),
                    ByPixel(table_.ReachOf(v, end_, in_[2], cut_.suffix), shape[2])};
    }
    Colour(suffix_, out_[0], [&](const Tensor& images) {
      Count(images.size(0), cut_.suffix, end_);
      return network_.Pull({{end_, images}}, cut_.suffix, end_);
    });
  }

  // So many images through layers [begin, end).
  void Count(std::int64_t images, std::size_t begin, std::size_t end) {
    Add(static_cast<double>(images) * table_.Gflop(in_[1], in_[2], begin, end));
  }
  void CountProduct(const Tensor& a, std::int64_t columns) const {
    Add(2e-9 * static_cast<double>(a.numel() * columns));
  }
  void Add(double gflop) const {
    double before = gflop_;
    while (!gflop_.compare_exchange_weak(before, before + gflop)) {
    }
  }

  template <typename Product>
  void Colour(std::map<Value, LocalMap>& maps, std::int64_t channels, const Product& product) {
    std::int64_t period = 1;
    for (const auto& [v, map] : maps) period = std::max(period, map.LeastPeriod());
    const Tensor images = ColourImages(channels, in_[1], in_[2], period, options_);
    std::map<Value, std::vector<Tensor>> parts;
    for (std::int64_t i = 0; i < images.size(0); i += block_) {
      StopIfCancelled();
      const ValueBlocks made = product(images.slice(0, i, i + block_));
      for (const auto& [v, map] : maps) parts[v].push_back(ChannelsInside(made.at(v)));
    }
    for (auto& [v, map] : maps) map.SetColours(at::cat(parts[v]), period);
  }

  // Windows pay while they leave out a good part of the image.
  void ChooseWindows() {
    constexpr double kWorthwhile = 0.7;
    windows_ = cut_.windows;
    for (std::size_t v = windows_; v < cut_.suffix; ++v)
      reach_[v] = {table_.ReachOf(v, end_, in_[1]), table_.ReachOf(v, end_, in_[2])};
    double share = 0;
    if (windows_ < cut_.suffix) {
      const Shape shape = network_.ValueShape(windows_);
      for (const Tile& tile : tiles_)
        share += static_cast<double>(WindowAt(windows_, tile).Area()) /
                 static_cast<double>(shape[1] * shape[2]);
    }
    if (share > kWorthwhile * static_cast<double>(tiles_.size())) windows_ = cut_.suffix;
  }

  Tile WindowAt(Value v, const Tile& tile) const {
    if (v == cut_.leave) return suffix_.at(v).PositionsOf(tile);
    const auto& [rows, columns] = reach_.at(v);
    const Reach y = Span(rows, tile.y0, tile.y1), x = Span(columns, tile.x0, tile.x1);
    return {y.low, y.high + 1, x.low, x.high + 1};
  }

  // Columns of P that belong to a tile of input pixels: (C area, window area * K), a row a pixel.
  Tensor Columns(const LocalMap& map, const Tile& tile) const {
    return OfPixels(map, C_, tile, map.PositionsOf(tile));
  }

  Tensor OfPixels(const LocalMap& map,
                  std::int64_t channels,
                  const Tile& pixels,
                  const Tile& window) const {
    const std::int64_t size = window.Area() * map.Channels();
    Tensor all = at::zeros({channels * pixels.Area(), size}, options_);
    Scalar* to = all.data_ptr<Scalar>();
    for (std::int64_t c = 0; c < channels; ++c)
      for (std::int64_t y = pixels.y0; y < pixels.y1; ++y)
        for (std::int64_t x = pixels.x0; x < pixels.x1; ++x, to += size)
          map.CopyPixel(c, y, x, window, to);
    return all;
  }

  // Rows of J of these output pixels, in the order of OfPixels.
  std::vector<std::int64_t> RowsOf(const Tile& pixels) const {
    std::vector<std::int64_t> rows;
    for (std::int64_t c = 0; c < out_[0]; ++c)
      for (std::int64_t y = pixels.y0; y < pixels.y1; ++y)
        for (std::int64_t x = pixels.x0; x < pixels.x1; ++x)
          rows.push_back((c * out_[1] + y) * out_[2] + x);
    return rows;
  }

  // Adds `part` (rows, C area) to J at the tile's columns.
  void AddColumns(const Tile& tile, const std::vector<std::int64_t>& rows, const Tensor& part) {
    const Scalar* from = part.data_ptr<Scalar>();
    for (const std::int64_t row : rows) {
      Scalar* J = J_.data_ptr<Scalar>() + row * J_.size(1);
      for (std::int64_t c = 0; c < C_; ++c)
        for (std::int64_t y = tile.y0; y < tile.y1; ++y, from += tile.Width()) {
          Scalar* to = J + (c * in_[1] + y) * in_[2] + tile.x0;
          for (std::int64_t x = 0; x < tile.Width(); ++x) to[x] += from[x];
        }
    }
  }

  // S_k P_k at the columns of a tile: of the output pixels that share a position with it.
  void AddSkip(Value v, const Tile& tile) {
    const Tile window = prefix_.at(v).PositionsOf(tile);
    const Tile pixels = suffix_.at(v).PixelsOf(window);
    const Tensor S = OfPixels(suffix_.at(v), out_[0], pixels, window);
    const Tensor P = OfPixels(prefix_.at(v), C_, tile, window);
    CountProduct(S, P.size(0));
    AddColumns(tile, RowsOf(pixels), at::mm(S, P.t()));
  }

  // S_m M P_m at the rows of tiles [begin, end).
  void AddMiddle(std::size_t begin, std::size_t end, const std::vector<Tensor>& P) {
    std::vector<std::int64_t> rows, first;
    for (std::size_t t = begin; t < end; ++t) {
      first.push_back(static_cast<std::int64_t>(rows.size()));
      for (const std::int64_t row : RowsOf(tiles_[t])) rows.push_back(row);
    }
    const auto count = static_cast<std::int64_t>(rows.size());
    const Value from = windows_ == cut_.suffix ? cut_.leave : windows_;
    const Shape shape = network_.ValueShape(from);
    const Tensor start = at::zeros({count, shape[1], shape[2], shape[0]}, options_);
    InParallel(end - begin, [&](std::size_t i) {
      const Tile& tile = tiles_[begin + i];
      const Tile w = WindowAt(from, tile);
      ChannelsOutside(start.narrow(0, first[i], out_[0] * tile.Area()))
          .narrow(2, w.y0, w.Height())
          .narrow(3, w.x0, w.Width())
          .copy_(PullWindows(tile));
    });
    Count(count, cut_.middle, windows_);
    const ValueBlocks pulled =
        network_.Pull({{from, ChannelsOutside(start)}}, cut_.middle, windows_);
    const Tensor g = ChannelsInside(pulled.at(cut_.enter));
    InParallel(tiles_.size(),
               [&](std::size_t t) { AddColumns(tiles_[t], rows, Product(g, tiles_[t], P[t])); });
  }

  // The tile's rows of S, pulled back through the layers that run on windows.
  Tensor PullWindows(const Tile& tile) const {
    const Tile at_leave = WindowAt(cut_.leave, tile);
    const LocalMap& suffix = suffix_.at(cut_.leave);
    const Tensor S = OfPixels(suffix, out_[0], tile, at_leave)
                         .view({-1, at_leave.Height(), at_leave.Width(), suffix.Channels()});
    if (windows_ == cut_.suffix) return ChannelsOutside(S);
    const auto window_of = [&](Value v) { return WindowAt(v, tile); };
    WindowedCotangents<decltype(window_of)> g(window_of);
    g.Add(cut_.leave, ChannelsOutside(S), at_leave.y0, at_leave.x0);
    for (std::size_t i = cut_.leave; i-- > windows_;) PullWindow(i, window_of(i + 1), g);
    return g.At(windows_);
  }

  template <typename Cotangents>
  void PullWindow(std::size_t layer, const Tile& w, Cotangents& g) const {
    const Layer& l = table_.Layers()[layer];
    const LayerDerivative& d = network_.Derivative(layer);
    const Tensor& data = g.At(layer + 1);
    const Value x = l.inputs[0];
    switch (l.operation) {
      case Operation::kConvolution: {
        // Everything that the window can reach; a position off the image drops out in Add.
        const std::int64_t span = l.dilation * (l.kernel - 1);
        CountProduct(d.transpose, data.size(0) * (data.size(2) + span) * (data.size(3) + span));
        g.Add(x,
              at::conv2d(data, d.transpose, {}, 1, span, l.dilation),
              w.y0 - l.padding,
              w.x0 - l.padding);
        return;
      }
      case Operation::kRelu:
        g.Add(x, data * d.mask.narrow(2, w.y0, w.Height()).narrow(3, w.x0, w.Width()), w.y0, w.x0);
        return;
      case Operation::kScaling:
        g.Add(x, data * d.scale, w.y0, w.x0);
        return;
      case Operation::kSum:
        g.Add(x, data, w.y0, w.x0);
        g.Add(l.inputs[1], data, w.y0, w.x0);
        return;
      default:
        throw Error("jacobian: a layer of kind {} on windows", OperationName(l.operation));
    }
  }

  // Of g (b,h,w,K) with the columns P of a tile: (b, C area).
  Tensor Product(const Tensor& g, const Tile& tile, const Tensor& P) const {
    const Tile window = prefix_.at(cut_.enter).PositionsOf(tile);
    const std::int64_t K = g.size(3), width = window.Width() * K;
    Tensor product = at::zeros({g.size(0), P.size(0)}, options_);
    CountProduct(P, g.size(0));
    for (std::int64_t r = 0; r < window.Height(); ++r) {
      const std::int64_t offset = ((window.y0 + r) * g.size(2) + window.x0) * K;
      product.addmm_(g.as_strided({g.size(0), width}, {g.stride(0), 1}, offset),
                     P.narrow(1, r * width, width).t());
    }
    return product;
  }

  const LinearisedNetwork& network_;
  const NetworkCut& cut_;
  const NetworkTable& table_;
  std::size_t end_, windows_ = 0;
  std::int64_t C_, block_;
  at::TensorOptions options_;
  Shape in_, out_;  // (C,H,W) of the network's input and output
  std::vector<Tile> tiles_;
  std::map<Value, LocalMap> prefix_, suffix_;
  std::map<Value, std::pair<Reaches, Reaches>> reach_;  // of output pixels, rows and columns
  Tensor J_;
  mutable std::atomic<double> gflop_{0};
};

// One backward pass a row.
NativeResult PlainJacobian(const LinearisedNetwork& network,
                           std::int64_t channels,
                           std::int64_t block) {
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
  return {J, static_cast<double>(rows) * network.Table().Gflop(in[1], in[2])};
}

}  // namespace

NativeResult NativeJacobian(const LinearisedNetwork& network,
                            std::int64_t channels,
                            std::int64_t block) {
  const at::NoGradGuard no_gradient;
  const std::optional<NetworkCut> cut = FindCut(network.Table());
  if (!cut) return PlainJacobian(network, channels, block);
  if (network.Output().scalar_type() == at::kDouble)
    return SplitJacobian<double>(network, *cut, channels, block).Compute();
  return SplitJacobian<float>(network, *cut, channels, block).Compute();
}

}  // namespace denoscope
