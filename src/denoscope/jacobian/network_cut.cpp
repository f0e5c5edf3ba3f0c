#include "denoscope/jacobian/network_cut.h"

#include <algorithm>

namespace denoscope {
namespace {

using Value = NetworkTable::Value;

bool KeepsSize(const Layer& l) {
  switch (l.operation) {
    case Operation::kConvolution:
      return l.stride == 1;
    case Operation::kRelu:
    case Operation::kScaling:
    case Operation::kSum:
      return true;
    default:
      return false;
  }
}

std::size_t FirstWindowed(const std::vector<Layer>& layers, const NetworkCut& cut) {
  std::size_t best = cut.suffix;
  // Of the values that layers [i, suffix) read, the first.
  Value first = cut.leave;
  for (std::size_t i = cut.suffix; i-- > cut.middle && KeepsSize(layers[i]);) {
    for (const Value v : layers[i].inputs) first = std::min(first, v);
    if (first == i) best = i;
  }
  return best;
}

}  // namespace

std::optional<NetworkCut> FindCut(const NetworkTable& table) {
  const std::vector<Layer>& layers = table.Layers();
  const auto shrinks = [](const Layer& l) {
    return l.operation != Operation::kTransposed && l.stride > 1;
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
  cut.windows = FirstWindowed(layers, cut);
  return cut;
}

}  // namespace denoscope
