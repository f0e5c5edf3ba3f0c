#include "denoscope/denoise/published_architectures.h"

#include <algorithm>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Value = NetworkTable::Value;

// Sizes of an architecture, as its tensors have them.
class Sizes {
 public:
  explicit Sizes(const TensorInfos& weights) : weights_(weights) {}

  bool Has(const std::string& name) const { return weights_.count(name) > 0; }

  // An extent of a tensor, or `published` where it is not there or no number of channels.
  std::int64_t Extent(const std::string& name, std::size_t axis, std::int64_t published) const {
    constexpr std::int64_t kMost = 65536;
    const auto found = weights_.find(name);
    if (found == weights_.end() || found->second.shape.size() <= axis) return published;
    const std::int64_t extent = found->second.shape[axis];
    return extent >= 1 && extent <= kMost ? extent : published;
  }

  // How many tensors there are from `first` on, a step apart, of names that hold {} for the number;
  // `published` for none.
  std::int64_t Count(const std::string& pattern,
                     std::int64_t first,
                     std::int64_t step,
                     std::int64_t published) const {
    std::int64_t count = 0;
    while (Has(fmt::format(fmt::runtime(pattern), first + step * count))) ++count;
    return count > 0 ? count : published;
  }

 private:
  const TensorInfos& weights_;
};

// Code: LabForComputationalVision, memorization_generalization_in_diffusion_models. A block is
// convolutions of 3x3, each with a scaling and a ReLU, numbered as in its nn.Sequential.
class GahsUnet {
 public:
  explicit GahsUnet(const Sizes& sizes)
      : channels_(sizes.Extent("encoder.0.0.weight", 1, 1)),
        features_(sizes.Extent("encoder.0.0.weight", 0, 64)),
        levels_(std::min<std::int64_t>(sizes.Count("encoder.{}.0.weight", 0, 1, 3), 8)),
        encoder_(1 + sizes.Count("encoder.0.{}.weight", 2, 3, 1)),
        middle_(sizes.Count("mid_block.{}.weight", 0, 3, 2)),
        decoder_(sizes.Count("decoder.0.{}.weight", 0, 3, 2)) {}

  NetworkTable Table() {
    std::vector<Value> skips;
    // The very first convolution has no scaling, so that the numbers after it are one lower.
    Value x = t_.Relu(t_.Convolution("encoder.0.0", 0, features_, Kernel()));
    skips.push_back(Block("encoder.0", x, features_, encoder_ - 1, 2));
    for (std::int64_t b = 1; b < levels_; ++b)
      skips.push_back(Block(
          fmt::format("encoder.{}", b), t_.Averaging(skips.back()), features_ << b, encoder_, 0));
    x = Block("mid_block", t_.Averaging(skips.back()), features_ << levels_, middle_, 0);
    for (std::int64_t b = levels_; b-- > 0;) {
      const std::string place = fmt::format("decoder.{}", b);
      x = t_.Transposed(fmt::format("upsample.{}", b), x, features_ << b, {2, 0, 2});
      x = t_.Concatenation(x, skips[static_cast<std::size_t>(b)]);
      x = Block(place, x, features_ << b, b > 0 ? decoder_ : decoder_ - 1, 0);
    }
    t_.Convolution(fmt::format("decoder.0.{}", 3 * (decoder_ - 1)), x, channels_, Kernel());
    return t_;
  }

 private:
  Value Block(const std::string& place,
              Value x,
              std::int64_t features,
              std::int64_t convolutions,
              std::int64_t first) {
    for (std::int64_t i = first; i < first + 3 * convolutions; i += 3) {
      x = t_.Convolution(fmt::format("{}.{}", place, i), x, features, Kernel());
      x = t_.Relu(t_.Scaling(fmt::format("{}.{}", place, i + 1), x));
    }
    return x;
  }

  std::int64_t channels_, features_, levels_, encoder_, middle_, decoder_;
  NetworkTable t_{"lcv-gahs-unet", channels_};
};

// Code: KAIR, network_dncnn.py. Layers of even number, ReLU between. No other depth is taken: the
// seven layers of its IRCNN have the same names, but are dilated.
NetworkTable KairDncnnTable(const Sizes& sizes) {
  const int depth = sizes.Has("model.38.weight") ? 20 : 17;
  const std::int64_t channels = sizes.Extent("model.0.weight", 1, 1);
  const std::int64_t features = sizes.Extent("model.0.weight", 0, 64);
  const bool biases = sizes.Has("model.0.bias") || !sizes.Has("model.0.weight");
  NetworkTable t("kair-dncnn", channels);
  Value x = 0;
  for (int l = 0; l < depth - 1; ++l)
    x = t.Relu(t.Convolution(fmt::format("model.{}", 2 * l), x, features, Kernel(), biases));
  t.Convolution(fmt::format("model.{}", 2 * (depth - 1)), x, channels, Kernel(), biases);
  return t;
}

// Code: KAIR, network_unet.py, and deepinv. Skips are added before each step up.
NetworkTable DrunetTable(const Sizes& sizes) {
  constexpr int kLevels = 3, kBlocks = 4;
  const std::int64_t channels = sizes.Extent("m_tail.weight", 0, 3);
  NetworkTable t("drunet", channels + 1);
  std::vector<std::int64_t> features = {sizes.Extent("m_head.weight", 0, 64)};
  const auto blocks = [&](const std::string& place, int first, Value x) {
    const std::int64_t out = t.Layers()[x - 1].out;
    for (int b = first; b < first + kBlocks; ++b) {
      const std::string block = fmt::format("{}.{}.res.", place, b);
      const Value inner = t.Relu(t.Convolution(block + "0", x, out, Kernel()));
      x = t.Sum(t.Convolution(block + "2", inner, out, Kernel()), x);
    }
    return x;
  };
  std::vector<Value> skips = {t.Convolution("m_head", 0, features[0], Kernel())};
  for (int l = 1; l <= kLevels; ++l) {
    const std::string place = fmt::format("m_down{}", l), shrink = fmt::format("{}.4", place);
    features.push_back(sizes.Extent(shrink + ".weight", 0, 64 << l));
    const Value x = blocks(place, 0, skips.back());
    skips.push_back(t.Convolution(shrink, x, features.back(), {2, 0, 2}));
  }
  Value x = blocks("m_body", 0, skips.back());
  for (int l = kLevels; l >= 1; --l) {
    const std::string place = fmt::format("m_up{}", l);
    const auto level = static_cast<std::size_t>(l);
    x = t.Transposed(place + ".0", t.Sum(x, skips[level]), features[level - 1], {2, 0, 2});
    x = blocks(place, 1, x);
  }
  t.Convolution("m_tail", t.Sum(x, skips[0]), channels, Kernel());
  return t;
}

// Code: Open Image Denoise, unet_filter.cpp, whose base and small networks differ in features
// alone. As there, a ReLU follows the last convolution too, and images are padded with zeros.
NetworkTable OidnTable(const Sizes& sizes) {
  constexpr std::int64_t kChannels = 3, kAlignment = 16;
  NetworkTable t("oidn", kChannels);
  const auto conv = [&](const std::string& name, Value x, std::int64_t published) {
    const std::int64_t out = sizes.Extent(name + ".weight", 0, published);
    return t.Relu(t.Convolution(name, x, out, Kernel(), /*bias=*/true));
  };
  std::vector<Value> skips = {t.Padding(0, kAlignment)};
  Value x = conv("enc_conv0", skips[0], 32);
  skips.push_back(t.Pooling(conv("enc_conv1", x, 32)));
  skips.push_back(t.Pooling(conv("enc_conv2", skips.back(), 48)));
  skips.push_back(t.Pooling(conv("enc_conv3", skips.back(), 64)));
  x = t.Pooling(conv("enc_conv4", skips.back(), 80));
  x = conv("enc_conv5b", conv("enc_conv5a", x, 96), 96);
  const std::int64_t a[] = {64, 64, 96, 112}, b[] = {32, 64, 96, 112};
  for (int l = 3; l >= 0; --l) {
    const std::string name = fmt::format("dec_conv{}", l + 1);
    x = t.Concatenation(t.Doubling(x), skips[static_cast<std::size_t>(l)]);
    x = conv(name + "b", conv(name + "a", x, a[l]), b[l]);
  }
  x = t.Relu(t.Convolution("dec_conv0", x, kChannels, Kernel(), /*bias=*/true));
  t.Cropping(x);
  return t;
}

Parameterisation Reading(Prediction prediction, SigmaInput input = SigmaInput::kNone) {
  Parameterisation p;
  p.prediction = prediction;
  p.sigma_input = input;
  return p;
}

struct Known {
  std::string name;
  NetworkTable (*table)(const Sizes&);
  Parameterisation parameterisation;
  std::optional<SigmaRange> trained_sigmas;
};
const std::vector<Known>& AllKnown() {
  static const Parameterisation x0 = Reading(Prediction::kX0),
                                residual = Reading(Prediction::kResidual),
                                with_map = Reading(Prediction::kX0, SigmaInput::kMap);
  static const std::vector<Known> known = {
      {"lcv-unet", [](const Sizes&) { return LcvUnetTable(); }, x0, SigmaRange{0, 100.0 / 255}},
      {"lcv-bfcnn", [](const Sizes&) { return LcvBfcnnTable(); }, residual, SigmaRange{0, 1}},
      {"lcv-gahs-unet",
       [](const Sizes& sizes) { return GahsUnet(sizes).Table(); },
       residual,
       SigmaRange{0, 1}},
      {"kair-dncnn", KairDncnnTable, residual, std::nullopt},
      {"drunet", DrunetTable, with_map, SigmaRange{0, 50.0 / 255}},
      {"oidn", OidnTable, x0, std::nullopt}};
  return known;
}

}  // namespace

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

std::vector<std::string> PublishedArchitectureNames() {
  std::vector<std::string> names;
  for (const Known& known : AllKnown()) names.push_back(known.name);
  return names;
}

PublishedArchitecture FindPublishedArchitecture(const std::string& name,
                                                const TensorInfos& weights) {
  for (const Known& known : AllKnown())
    if (known.name == name)
      return {known.table(Sizes(weights)), known.parameterisation, known.trained_sigmas};
  throw Error("architecture '{}': unknown, expected one of: {}",
              name,
              fmt::join(PublishedArchitectureNames(), ", "));
}

}  // namespace denoscope
