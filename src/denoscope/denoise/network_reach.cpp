// What a position of one value of a table can depend on in another.
#include <algorithm>

#include "denoscope/denoise/network_table.h"

namespace denoscope {
namespace {

constexpr Reach kNothing = {1, 0};

Reach Union(const Reach& a, const Reach& b) {
  if (a.None()) return b;
  if (b.None()) return a;
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

// Also of a pooling or averaging, which has its kernel and stride.
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

// Every position of the output depends on every position of the inputs.
Reaches ThroughAll(const Layer& layer, const std::vector<Reaches>& values) {
  Reach all = kNothing;
  for (const NetworkTable::Value v : layer.inputs)
    for (const Reach& reach : values[v]) all = Union(all, reach);
  return Reaches(values[layer.inputs[0]].size(), all);
}

Reaches Through(const Layer& layer, const std::vector<Reaches>& values) {
  const Reaches& x = values[layer.inputs[0]];
  Reaches y = x;
  switch (layer.operation) {
    case Operation::kConvolution:
    case Operation::kPooling:
    case Operation::kAveraging:
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
    case Operation::kNormalisation:
    case Operation::kAttention:
    case Operation::kLinear:
      return ThroughAll(layer, values);
    case Operation::kRelu:
    case Operation::kSilu:
    case Operation::kScaling:
      return y;
  }
  return y;
}

}  // namespace

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

}  // namespace denoscope
