#include "denoscope/denoise/network_table.h"

#include <algorithm>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

constexpr Reach kNothing = {1, 0};

Reach Union(const Reach& a, const Reach& b) {
  if (a.None()) return b;
  if (b.None()) return a;
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

Reaches ThroughConvolution(const Layer& layer, const Reaches& x) {
  const auto size = static_cast<std::int64_t>(x.size());
  const std::int64_t span = layer.dilation * (layer.kernel - 1);
  Reaches y;
  for (std::int64_t start = -layer.padding; start + span < size + layer.padding;
       start += layer.stride) {
    Reach reach = kNothing;
    for (std::int64_t k = 0; k < layer.kernel; ++k) {
      const std::int64_t i = start + k * layer.dilation;
      if (i >= 0 && i < size) reach = Union(reach, x[static_cast<std::size_t>(i)]);
    }
    y.push_back(reach);
  }
  return y;
}

Reaches ThroughTransposed(const Layer& layer, const Reaches& x) {
  const auto size = static_cast<std::int64_t>(x.size());
  const std::int64_t out = (size - 1) * layer.stride - 2 * layer.padding + layer.kernel;
  Reaches y(static_cast<std::size_t>(std::max<std::int64_t>(out, 0)), kNothing);
  for (std::int64_t i = 0; i < size; ++i)
    for (std::int64_t k = 0; k < layer.kernel; ++k) {
      const std::int64_t j = i * layer.stride - layer.padding + k;
      if (j < 0 || j >= out) continue;
      Reach& reach = y[static_cast<std::size_t>(j)];
      reach = Union(reach, x[static_cast<std::size_t>(i)]);
    }
  return y;
}

Reaches Through(const Layer& layer, const std::vector<Reaches>& values) {
  const Reaches& x = values[layer.inputs[0]];
  Reaches y = x;
  switch (layer.operation) {
    case Operation::kConvolution:
      return ThroughConvolution(layer, x);
    case Operation::kTransposed:
      return ThroughTransposed(layer, x);
    case Operation::kSum:
    case Operation::kConcatenation:
      for (std::size_t i = 0; i < y.size(); ++i) y[i] = Union(x[i], values[layer.inputs[1]].at(i));
      return y;
    case Operation::kDoubling:
      y.resize(2 * x.size());
      for (std::size_t i = 0; i < y.size(); ++i) y[i] = x[i / 2];
      return y;
    case Operation::kPadding:
      while (static_cast<std::int64_t>(y.size()) % layer.multiple != 0) y.push_back(kNothing);
      return y;
    case Operation::kCropping:
      y.resize(values[0].size());
      return y;
    case Operation::kRelu:
    case Operation::kScaling:
      return y;
  }
  return y;
}

}  // namespace

std::string OperationName(Operation operation) {
  switch (operation) {
    case Operation::kConvolution:
      return "convolution";
    case Operation::kTransposed:
      return "transposed";
    case Operation::kRelu:
      return "relu";
    case Operation::kSum:
      return "sum";
    case Operation::kConcatenation:
      return "concatenation";
    case Operation::kDoubling:
      return "doubling";
    case Operation::kScaling:
      return "scaling";
    case Operation::kPadding:
      return "padding";
    case Operation::kCropping:
      return "cropping";
  }
  throw Error("operation {}: unknown", static_cast<int>(operation));
}

std::vector<std::pair<std::string, Shape>> LayerParameters(const Layer& l) {
  if (l.operation == Operation::kScaling)
    return {{l.name + ".running_sd", {1, l.out, 1, 1}}, {l.name + ".gammas", {1, l.out, 1, 1}}};
  const bool transposed = l.operation == Operation::kTransposed;
  if (l.operation != Operation::kConvolution && !transposed) return {};
  std::vector<std::pair<std::string, Shape>> parameters;
  const std::int64_t first = transposed ? l.in : l.out, second = transposed ? l.out : l.in;
  parameters.push_back({l.name + ".weight", {first, second, l.kernel, l.kernel}});
  if (l.bias) parameters.push_back({l.name + ".bias", {l.out}});
  return parameters;
}

NetworkTable::NetworkTable(std::string name, std::int64_t input_channels)
    : name_(std::move(name)), channels_{input_channels} {}

NetworkTable::Value NetworkTable::Add(Layer layer, std::int64_t channels) {
  layer.in = channels_.at(layer.inputs[0]);
  layer.out = channels;
  layers_.push_back(std::move(layer));
  channels_.push_back(channels);
  return layers_.size();
}

NetworkTable::Value NetworkTable::Convolution(const std::string& name,
                                              Value x,
                                              std::int64_t out,
                                              const Kernel& kernel,
                                              bool bias,
                                              double gain) {
  Layer layer{Operation::kConvolution, name, {x}};
  layer.kernel = kernel.size;
  layer.padding = kernel.padding;
  layer.stride = kernel.stride;
  layer.dilation = kernel.dilation;
  layer.bias = bias;
  layer.gain = gain;
  return Add(std::move(layer), out);
}

NetworkTable::Value NetworkTable::Transposed(const std::string& name,
                                             Value x,
                                             std::int64_t out,
                                             const Kernel& kernel) {
  const Value y = Convolution(name, x, out, kernel);
  layers_.back().operation = Operation::kTransposed;
  return y;
}

NetworkTable::Value NetworkTable::Relu(Value x) {
  return Add({Operation::kRelu, "", {x}}, channels_.at(x));
}

NetworkTable::Value NetworkTable::Sum(Value a, Value b) {
  return Add({Operation::kSum, "", {a, b}}, channels_.at(a));
}

NetworkTable::Value NetworkTable::Concatenation(Value a, Value b) {
  return Add({Operation::kConcatenation, "", {a, b}}, channels_.at(a) + channels_.at(b));
}

NetworkTable::Value NetworkTable::Doubling(Value x) {
  return Add({Operation::kDoubling, "", {x}}, channels_.at(x));
}

NetworkTable::Value NetworkTable::Scaling(const std::string& name, Value x) {
  return Add({Operation::kScaling, name, {x}}, channels_.at(x));
}

NetworkTable::Value NetworkTable::Padding(Value x, std::int64_t multiple) {
  Layer layer{Operation::kPadding, "", {x}};
  layer.multiple = multiple;
  return Add(std::move(layer), channels_.at(x));
}

NetworkTable::Value NetworkTable::Cropping(Value x) {
  return Add({Operation::kCropping, "", {x}}, channels_.at(x));
}

std::vector<std::size_t> NetworkTable::LastUse() const {
  std::vector<std::size_t> last(channels_.size(), 0);
  for (std::size_t i = 0; i < layers_.size(); ++i)
    for (const Value x : layers_[i].inputs) last[x] = i;
  last.back() = layers_.size();
  return last;
}

std::vector<std::pair<std::string, Shape>> NetworkTable::Parameters() const {
  std::vector<std::pair<std::string, Shape>> parameters;
  for (const Layer& layer : layers_)
    for (auto& parameter : LayerParameters(layer)) parameters.push_back(std::move(parameter));
  return parameters;
}

bool NetworkTable::Homogeneous() const {
  return std::none_of(layers_.begin(), layers_.end(), [](const Layer& l) { return l.bias; });
}

std::int64_t NetworkTable::SizeMultiple() const {
  std::vector<std::int64_t> shrunk(channels_.size(), 1), known(channels_.size(), 1);
  std::int64_t multiple = 1;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    std::int64_t& factor = shrunk[i + 1] = shrunk[layer.inputs[0]];
    std::int64_t& padded = known[i + 1] = known[layer.inputs[0]];
    if (layer.operation == Operation::kPadding) padded = layer.multiple;
    if (layer.operation == Operation::kConvolution) factor *= layer.stride;
    if (layer.operation == Operation::kTransposed) factor /= std::min(factor, layer.stride);
    if (layer.operation == Operation::kDoubling) factor /= std::min<std::int64_t>(factor, 2);
    if (padded % factor != 0) multiple = std::max(multiple, factor);
  }
  return multiple;
}

Reaches NetworkTable::ReachOf(Value from, Value to, std::int64_t side, std::size_t begin) const {
  std::vector<Reaches> values = {Reaches(static_cast<std::size_t>(side), kNothing)};
  for (std::size_t v = 0; v <= to; ++v) {
    if (v > 0) values.push_back(Through(layers_[v - 1], values));
    for (std::size_t i = 0; i < values[v].size(); ++i) {
      const auto here = static_cast<std::int64_t>(i);
      if (v == from) values[v][i] = {here, here};
      if (v != from && v <= begin) values[v][i] = kNothing;
    }
  }
  return values[to];
}

std::optional<std::int64_t> NetworkTable::ReceptiveField() const {
  constexpr std::int64_t kSide = 512;
  const Reaches reaches = ReachOf(0, layers_.size(), kSide);
  std::int64_t radius = 0;
  for (std::int64_t i = 0; i < kSide; ++i) {
    const Reach& reach = reaches.at(static_cast<std::size_t>(i));
    if (!reach.None()) radius = std::max({radius, i - reach.low, reach.high - i});
  }
  if (2 * radius + 1 >= kSide) return std::nullopt;
  return 2 * radius + 1;
}

double NetworkTable::Gflop(std::int64_t H, std::int64_t W) const {
  return Gflop(H, W, 0, layers_.size());
}

double NetworkTable::Gflop(std::int64_t H,
                           std::int64_t W,
                           std::size_t begin,
                           std::size_t end) const {
  struct Size {
    std::int64_t H, W;
  };
  std::vector<Size> sizes = {{H, W}};
  double products = 0;
  for (std::size_t i = 0; i < end; ++i) {
    const Layer& layer = layers_[i];
    Size size = sizes[layer.inputs[0]];
    const auto work = [&](const Size& at) {
      if (i < begin) return 0.0;
      return static_cast<double>(at.H * at.W * layer.in * layer.out * layer.kernel * layer.kernel);
    };
    const auto shrink = [&](std::int64_t n) {
      return (n + 2 * layer.padding - layer.dilation * (layer.kernel - 1) - 1) / layer.stride + 1;
    };
    const auto grow = [&](std::int64_t n) {
      return (n - 1) * layer.stride - 2 * layer.padding + layer.kernel;
    };
    const auto pad = [&](std::int64_t n) {
      return (n + layer.multiple - 1) / layer.multiple * layer.multiple;
    };
    switch (layer.operation) {
      case Operation::kConvolution:
        size = {shrink(size.H), shrink(size.W)};
        products += work(size);
        break;
      case Operation::kTransposed:
        products += work(size);
        size = {grow(size.H), grow(size.W)};
        break;
      case Operation::kDoubling:
        size = {2 * size.H, 2 * size.W};
        break;
      case Operation::kPadding:
        size = {pad(size.H), pad(size.W)};
        break;
      case Operation::kCropping:
        size = {H, W};
        break;
      default:
        break;
    }
    sizes.push_back(size);
  }
  return 2 * products / 1e9;
}

}  // namespace denoscope
