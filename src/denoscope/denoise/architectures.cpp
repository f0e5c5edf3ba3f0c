#include "denoscope/denoise/architectures.h"

#include <algorithm>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Value = NetworkTable::Value;
// The second of a residual pair and the tail start small: depth adds no variance, and training
// starts near the trivial estimate.
constexpr double kSmallGain = 0.2;

Value Blocks(NetworkTable& table, const UnetOptions& o, const std::string& place, Value x) {
  const std::int64_t features = table.Layers()[x - 1].out;
  for (std::int64_t b = 0; b < o.blocks; ++b) {
    const std::string block = fmt::format("{}.block.{}", place, b);
    const Value inner =
        table.Relu(table.Convolution(block + ".conv1", x, features, Kernel(), o.biases));
    x = table.Sum(
        table.Convolution(block + ".conv2", inner, features, Kernel(), o.biases, kSmallGain), x);
  }
  return x;
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
  for (std::size_t l = lowest; l-- > 0;) {
    const std::string place = fmt::format("up.{}", l);
    x = table.Convolution(place + ".grow", x, o.features[l], {1, 0}, o.biases);
    x = Blocks(table, o, place, table.Sum(table.Doubling(x), skips[l]));
  }
  table.Convolution("tail", x, o.channels, Kernel(), o.biases, kSmallGain);
  return table;
}

NetworkTable LcvUnetTable() {
  NetworkTable t("lcv-unet", 1);
  Value x = t.Padding(0, 2);
  x = t.Relu(t.Convolution("conv1", x, 32, {5, 2}));
  const Value skip = t.Relu(t.Convolution("conv2", x, 32, {3, 1}));
  x = t.Relu(t.Convolution("conv3", skip, 64, {3, 1, 2}));
  x = t.Relu(t.Convolution("conv4", x, 64, {3, 1}));
  x = t.Relu(t.Convolution("conv5", x, 64, {3, 2, 1, 2}));
  x = t.Relu(t.Convolution("conv6", x, 64, {3, 4, 1, 4}));
  x = t.Relu(t.Transposed("conv7", x, 64, {4, 1, 2}));
  x = t.Relu(t.Convolution("conv8", t.Concatenation(x, skip), 32, {3, 1}));
  x = t.Convolution("conv9", x, 1, {5, 2});
  t.Cropping(x);
  return t;
}

NetworkTable LcvBfcnnTable() {
  constexpr int kLast = 20;
  NetworkTable t("lcv-bfcnn", 1);
  Value x = t.Convolution("conv_layers.0", 0, 64, {3, 1});
  for (int l = 1; l < kLast; ++l) {
    x = t.Convolution(fmt::format("conv_layers.{}", l), x, 64, {1, 0});
    x = t.Relu(t.Scaling(fmt::format("BN_layers.{}", l - 1), x));
  }
  t.Convolution(fmt::format("conv_layers.{}", kLast), x, 1, {3, 1});
  return t;
}

std::vector<std::string> PublishedArchitectureNames() { return {"lcv-unet", "lcv-bfcnn"}; }

PublishedArchitecture FindPublishedArchitecture(const std::string& name) {
  if (name == "lcv-unet")
    return {LcvUnetTable(), {Prediction::kX0, 0.5, SigmaInput::kNone}, {0, 100.0 / 255}};
  if (name == "lcv-bfcnn")
    return {LcvBfcnnTable(), {Prediction::kResidual, 0.5, SigmaInput::kNone}, {0, 1}};
  throw Error("architecture '{}': unknown, expected one of: {}",
              name,
              fmt::join(PublishedArchitectureNames(), ", "));
}

}  // namespace denoscope
