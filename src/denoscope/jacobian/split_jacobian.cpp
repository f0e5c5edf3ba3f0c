#include "denoscope/jacobian/split_jacobian.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <atomic>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/jacobian/local_map.h"
#include "denoscope/jacobian/windowed_cotangents.h"

namespace denoscope {
namespace {

using at::Tensor;
using Value = NetworkTable::Value;
constexpr auto kLayout = at::MemoryFormat::ChannelsLast;
// Pixels of a side of a tile, whose rows or columns are done together: larger ones waste products
// on zeros, smaller ones make products too small to run well.
constexpr std::int64_t kTile = 4;

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

template <typename Scalar>
class SplitJacobian final : public RowBlocks {
 public:
  SplitJacobian(LinearisedNetwork network,
                NetworkCut cut,
                std::int64_t channels,
                std::int64_t block)
      : network_(std::move(network)),
        cut_(std::move(cut)),
        table_(network_.Table()),
        end_(table_.Layers().size()),
        C_(channels),
        block_(block),
        options_(network_.Output().options()),
        in_(network_.ValueShape(0)),
        out_(network_.ValueShape(end_)),
        tiles_(Tiles(in_[1], in_[2], kTile)),
        group_(std::max<std::int64_t>(1, block / (out_[0] * kTile * kTile))) {
    MakePrefix();
    MakeSuffix();
    ChooseWindows();
    P_.resize(tiles_.size());
    InParallel(tiles_.size(),
               [&](std::size_t t) { P_[t] = Columns(prefix_.at(cut_.enter), tiles_[t]); });
  }

  std::int64_t Rows() const override { return out_[0] * out_[1] * out_[2]; }
  std::int64_t Cols() const override { return C_ * in_[1] * in_[2]; }
  at::TensorOptions Options() const override { return options_; }
  double Gflop() const override { return gflop_; }

  // A block is a group of tiles.
  std::int64_t Count() const override { return (TileCount() + group_ - 1) / group_; }
  std::vector<std::int64_t> RowsOf(std::int64_t block) const override {
    std::vector<std::int64_t> all;
    for (const Tile& tile : TilesOf(block))
      for (const std::int64_t row : RowsOf(tile)) all.push_back(row);
    return all;
  }
  void Compute(std::int64_t block, const Tensor& J) override {
    const at::NoGradGuard no_gradient;
    const std::vector<Tile> tiles = TilesOf(block);
    const std::vector<std::int64_t> rows = RowsOf(block);
    for (const std::int64_t row : rows) J[row].zero_();
    InParallel(tiles.size(), [&](std::size_t t) {
      for (const Value v : cut_.skips) AddSkip(v, tiles[t], J);
    });
    AddMiddle(tiles, rows, J);
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
  void Count(std::int64_t images, std::size_t begin, std::size_t end) const {
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
    CheckMapMemory(maps, channels * period * period);
    const Tensor images = ColourImages(channels, in_[1], in_[2], period, options_);
    std::map<Value, std::vector<Tensor>> parts;
    for (std::int64_t i = 0; i < images.size(0); i += block_) {
      StopIfCancelled("jacobian");
      const ValueBlocks made = product(images.slice(0, i, i + block_));
      for (const auto& [v, map] : maps) parts[v].push_back(ChannelsInside(made.at(v)));
    }
    for (auto& [v, map] : maps) map.SetColours(at::cat(parts[v]), period);
  }

  // The products of all colours are held twice while they are put together.
  template <typename Maps>
  void CheckMapMemory(const Maps& maps, std::int64_t colours) const {
    std::int64_t numbers = in_[0] * in_[1] * in_[2];
    for (const auto& [v, map] : maps) numbers += 2 * ElementCount(network_.ValueShape(v));
    CheckMemory("jacobian",
                colours * numbers * static_cast<std::int64_t>(sizeof(Scalar)),
                fmt::format("dense: {} products at full size for d = {}", colours, Rows()));
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

  std::int64_t TileCount() const { return static_cast<std::int64_t>(tiles_.size()); }
  std::vector<Tile> TilesOf(std::int64_t block) const {
    const auto begin = tiles_.begin() + block * group_;
    return {begin, begin + std::min(group_, TileCount() - block * group_)};
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

  // Adds `part` (rows, C area) to J at the columns of these input pixels.
  void AddColumns(const Tile& pixels,
                  const std::vector<std::int64_t>& rows,
                  const Tensor& part,
                  const Tensor& J) const {
    const Scalar* from = part.data_ptr<Scalar>();
    for (const std::int64_t row : rows) {
      Scalar* start = J.data_ptr<Scalar>() + row * J.size(1);
      for (std::int64_t c = 0; c < C_; ++c)
        for (std::int64_t y = pixels.y0; y < pixels.y1; ++y, from += pixels.Width()) {
          Scalar* to = start + (c * in_[1] + y) * in_[2] + pixels.x0;
          for (std::int64_t x = 0; x < pixels.Width(); ++x) to[x] += from[x];
        }
    }
  }

  // S_k P_k at the rows of a tile: of the input pixels that share a position with it.
  void AddSkip(Value v, const Tile& tile, const Tensor& J) const {
    const Tile window = suffix_.at(v).PositionsOf(tile);
    const Tile pixels = prefix_.at(v).PixelsOf(window);
    const Tensor S = OfPixels(suffix_.at(v), out_[0], tile, window);
    const Tensor P = OfPixels(prefix_.at(v), C_, pixels, window);
    CountProduct(S, P.size(0));
    AddColumns(pixels, RowsOf(tile), at::mm(S, P.t()), J);
  }

  // S_m M P_m at the rows of these tiles.
  void AddMiddle(const std::vector<Tile>& tiles,
                 const std::vector<std::int64_t>& rows,
                 const Tensor& J) const {
    std::vector<std::int64_t> first = {0};
    for (const Tile& tile : tiles) first.push_back(first.back() + out_[0] * tile.Area());
    const std::int64_t count = first.back();
    const Value from = windows_ == cut_.suffix ? cut_.leave : windows_;
    const Shape shape = network_.ValueShape(from);
    const Tensor start = at::zeros({count, shape[1], shape[2], shape[0]}, options_);
    InParallel(tiles.size(), [&](std::size_t i) {
      const Tile w = WindowAt(from, tiles[i]);
      ChannelsOutside(start.narrow(0, first[i], out_[0] * tiles[i].Area()))
          .narrow(2, w.y0, w.Height())
          .narrow(3, w.x0, w.Width())
          .copy_(PullWindows(tiles[i]));
    });
    Count(count, cut_.middle, windows_);
    const ValueBlocks pulled =
        network_.Pull({{from, ChannelsOutside(start)}}, cut_.middle, windows_);
    const Tensor g = ChannelsInside(pulled.at(cut_.enter));
    InParallel(tiles_.size(), [&](std::size_t t) {
      AddColumns(tiles_[t], rows, Product(g, tiles_[t], P_[t]), J);
    });
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
        throw Error("jacobian: a layer of kind {} on windows", NameOf(l.operation));
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

  LinearisedNetwork network_;
  NetworkCut cut_;
  const NetworkTable& table_;
  std::size_t end_, windows_ = 0;
  std::int64_t C_, block_;
  at::TensorOptions options_;
  Shape in_, out_;  // (C,H,W) of the network's input and output
  std::vector<Tile> tiles_;
  std::int64_t group_;  // tiles a block
  std::map<Value, LocalMap> prefix_, suffix_;
  std::map<Value, std::pair<Reaches, Reaches>> reach_;  // of output pixels, rows and columns
  std::vector<Tensor> P_;                               // of `enter`, by tile
  mutable std::atomic<double> gflop_{0};
};

}  // namespace

std::unique_ptr<RowBlocks> MakeSplitBlocks(LinearisedNetwork network,
                                           NetworkCut cut,
                                           std::int64_t channels,
                                           std::int64_t block) {
  if (network.Output().scalar_type() == at::kDouble)
    return std::make_unique<SplitJacobian<double>>(
        std::move(network), std::move(cut), channels, block);
  return std::make_unique<SplitJacobian<float>>(
      std::move(network), std::move(cut), channels, block);
}

}  // namespace denoscope
