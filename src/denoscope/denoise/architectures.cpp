#include "denoscope/denoise/architectures.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Value = NetworkTable::Value;
constexpr double kSmallGain = 0.2;
// Of a layer that no ReLU follows: half of He's variance.
const double kLinearGain = std::sqrt(0.5);

std::int64_t Channels(const NetworkTable& table, Value x) { return table.Layers()[x - 1].out; }

// The most equal groups of at least four channels, at most 32; one of fewer than eight channels.
std::int64_t Groups(std::int64_t channels) {
  std::int64_t groups = std::clamp<std::int64_t>(channels / 4, 1, 32);
  while (channels % groups != 0) --groups;
  return groups;
}

Value Normalised(NetworkTable& table, Normalisation kind, const std::string& name, Value x) {
  if (kind == Normalisation::kNone) return x;
  if (kind == Normalisation::kBatch) return table.Scaling(name, x);
  return table.Normalisation(name, x, Groups(Channels(table, x)));
}

Value Blocks(NetworkTable& table, const UnetOptions& o, const std::string& place, Value x) {
  const std::int64_t features = Channels(table, x);
  for (std::int64_t b = 0; b < o.blocks; ++b) {
    const std::string block = fmt::format("{}.block.{}", place, b);
    Value inner = table.Convolution(block + ".conv1", x, features, Kernel(), o.biases);
    inner = Normalised(table, o.normalisation, block + ".norm", inner);
    inner = o.activation == Activation::kSilu ? table.Silu(inner) : table.Relu(inner);
    x = table.Sum(
        table.Convolution(block + ".conv2", inner, features, Kernel(), o.biases, kSmallGain), x);
  }
  return x;
}

Value Attended(NetworkTable& table, const UnetOptions& o, const std::string& place, Value x) {
  const auto project = [&](const char* name, Value from, double gain) {
    return table.Convolution(place + name, from, Channels(table, x), {1, 0}, o.biases, gain);
  };
  const Value normal = Normalised(table, o.normalisation, place + ".norm", x);
  const Value q = project(".query", normal, kLinearGain);
  const Value k = project(".key", normal, kLinearGain);
  const Value v = project(".value", normal, kLinearGain);
  return table.Sum(project(".out", table.Attention(q, k, v), kSmallGain), x);
}

}  // namespace

void UnetOptions::Check() const {
  const bool positive =
      std::all_of(features.begin(), features.end(), [](std::int64_t f) { return f >= 1; });
  if (channels < 1 || blocks < 1 || features.empty() || features.size() > 6 || !positive)
    throw Error(
        "unet: expected channels and blocks >= 1 and 1 to 6 features >= 1, found {}, {}, {}",
        channels,
        blocks,
        ShapeText(features));
}

NetworkTable UnetTable(const UnetOptions& o) {
  o.Check();
  NetworkTable table("unet", o.channels + (o.sigma_map ? 1 : 0));
  const std::size_t lowest = o.features.size() - 1;
  std::vector<Value> skips;
  Value x = table.Convolution("head", 0, o.features[0], Kernel(), o.biases);
  for (std::size_t l = 0; l < lowest; ++l) {
    const std::string place = fmt::format("down.{}", l);
    skips.push_back(Blocks(table, o, place, x));
    x = table.Convolution(place + ".shrink", skips[l], o.features[l + 1], {2, 0, 2}, o.biases);
  }
  x = Blocks(table, o, "mid", x);
  if (o.attention) x = Attended(table, o, "mid.attention", x);
  for (std::size_t l = lowest; l-- > 0;) {
    const std::string place = fmt::format("up.{}", l);
    x = table.Convolution(place + ".grow", x, o.features[l], {1, 0}, o.biases);
    x = Blocks(table, o, place, table.Sum(table.Doubling(x), skips[l]));
  }
  table.Convolution("tail", x, o.channels, Kernel(), o.biases, kSmallGain);
  return table;
}

void DncnnOptions::Check() const {
  if (channels < 1 || features < 1 || depth < 2 || depth > 100)
    throw Error("dncnn: expected channels and features >= 1 and depth 2 to 100, found {}, {}, {}",
                channels,
                features,
                depth);
}

NetworkTable DncnnTable(const DncnnOptions& o) {
  o.Check();
  NetworkTable t("dncnn", o.channels);
  const auto name = [](const char* kind, std::int64_t l) { return fmt::format("{}.{}", kind, l); };
  Value x = t.Relu(t.Convolution("conv.0", 0, o.features, Kernel(), o.biases));
  for (std::int64_t l = 1; l < o.depth - 1; ++l) {
    x = t.Convolution(name("conv", l), x, o.features, Kernel(), o.biases);
    x = t.Relu(t.Scaling(name("norm", l), x));
  }
  t.Convolution(name("conv", o.depth - 1), x, o.channels, Kernel(), o.biases, kSmallGain);
  return t;
}

void LinearOptions::Check() const {
  constexpr std::int64_t kMost = 16384;  // weights of 1 GB
  const auto& [C, H, W] = images;
  const auto fits = [](std::int64_t n) { return n >= 1 && n <= kMost; };
  if (!fits(C) || !fits(H) || !fits(W) || !fits(H * W) || !fits(C * H * W))
    throw Error("linear: expected 1 to {} pixels in all, found {} x {} x {}", kMost, C, H, W);
}

NetworkTable LinearTable(const LinearOptions& o) {
  o.Check();
  NetworkTable t("linear", o.images.C);
  t.Linear("dense", 0, o.images.H, o.images.W, kSmallGain);
  return t;
}

}  // namespace denoscope
