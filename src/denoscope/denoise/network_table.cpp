#include "denoscope/denoise/network_table.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

bool Smooth(Operation operation) {
  return operation == Operation::kSilu || operation == Operation::kNormalisation ||
         operation == Operation::kAttention;
}

}  // namespace

std::vector<std::pair<std::string, Shape>> LayerParameters(const Layer& l) {
  if (l.operation == Operation::kScaling)
    return {{l.name + ".running_sd", {1, l.out, 1, 1}}, {l.name + ".gammas", {1, l.out, 1, 1}}};
  if (l.operation == Operation::kNormalisation)
    return {{l.name + ".weight", {l.out}}, {l.name + ".bias", {l.out}}};
  if (l.operation == Operation::kLinear) {
    const std::int64_t d = l.in * l.H * l.W;
    return {{l.name + ".weight", {d, d}}, {l.name + ".bias", {d}}};
  }
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

NetworkTable::Value NetworkTable::Halving(Operation operation, Value x) {
  Layer layer{operation, "", {x}};
  layer.kernel = layer.stride = 2;
  return Add(std::move(layer), channels_.at(x));
}

NetworkTable::Value NetworkTable::Pooling(Value x) { return Halving(Operation::kPooling, x); }

NetworkTable::Value NetworkTable::Averaging(Value x) { return Halving(Operation::kAveraging, x); }

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

NetworkTable::Value NetworkTable::Silu(Value x) {
  return Add({Operation::kSilu, "", {x}}, channels_.at(x));
}

NetworkTable::Value NetworkTable::Normalisation(const std::string& name,
                                                Value x,
                                                std::int64_t groups) {
  Layer layer{Operation::kNormalisation, name, {x}};
  layer.groups = groups;
  layer.bias = true;
  return Add(std::move(layer), channels_.at(x));
}

NetworkTable::Value NetworkTable::Attention(Value q, Value k, Value v) {
  return Add({Operation::kAttention, "", {q, k, v}}, channels_.at(v));
}

NetworkTable::Value NetworkTable::Linear(
    const std::string& name, Value x, std::int64_t H, std::int64_t W, double gain) {
  Layer layer{Operation::kLinear, name, {x}};
  layer.H = H;
  layer.W = W;
  layer.bias = true;
  layer.gain = gain;
  return Add(std::move(layer), channels_.at(x));
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
  return PiecewiseLinear() &&
         std::none_of(layers_.begin(), layers_.end(), [](const Layer& l) { return l.bias; });
}

bool NetworkTable::PiecewiseLinear() const {
  return std::none_of(
      layers_.begin(), layers_.end(), [](const Layer& l) { return Smooth(l.operation); });
}

std::optional<ImageShape> NetworkTable::FixedShape() const {
  for (const Layer& l : layers_)
    if (l.operation == Operation::kLinear) return ImageShape{InputChannels(), l.H, l.W};
  return std::nullopt;
}

std::int64_t NetworkTable::SizeMultiple() const {
  std::vector<std::int64_t> shrunk(channels_.size(), 1), known(channels_.size(), 1);
  std::int64_t multiple = 1;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    std::int64_t& factor = shrunk[i + 1] = shrunk[layer.inputs[0]];
    std::int64_t& padded = known[i + 1] = known[layer.inputs[0]];
    if (layer.operation == Operation::kPadding) padded = layer.multiple;
    if (layer.operation == Operation::kTransposed)
      factor /= std::min(factor, layer.stride);
    else
      factor *= layer.stride;
    if (layer.operation == Operation::kDoubling) factor /= std::min<std::int64_t>(factor, 2);
    if (padded % factor != 0) multiple = std::max(multiple, factor);
  }
  return multiple;
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
      case Operation::kAttention:
        // q^T k, and v times the weights
        if (i >= begin)
          products += std::pow(static_cast<double>(size.H * size.W), 2) *
                      static_cast<double>(layer.in + layer.out);
        break;
      case Operation::kLinear:
        if (i >= begin) products += std::pow(static_cast<double>(layer.in * layer.H * layer.W), 2);
        break;
      case Operation::kPooling:
      case Operation::kAveraging:
        size = {shrink(size.H), shrink(size.W)};
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
