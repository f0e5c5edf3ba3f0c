#include "denoscope/denoise/architectures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/image/tensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

std::map<std::string, Shape> ParameterShapes(const UnetOptions& options) {
  std::map<std::string, Shape> shapes;
  for (const auto& item : TableNetwork(UnetTable(options)).named_parameters())
    shapes[item.key()] = ShapeOf(item.value());
  return shapes;
}

UnetOptions Options(std::int64_t channels, std::int64_t levels, bool biases) {
  UnetOptions options;
  options.channels = channels;
  options.features = TinyFeatures(levels);
  options.biases = biases;
  return options;
}

TEST(Unet, ParametersAreNamedAsInItsTable) {
  UnetOptions options = Options(1, 3, false);
  options.blocks = 2;
  std::map<std::string, Shape> expected = {{"head.weight", {4, 2, 3, 3}},
                                           {"down.0.shrink.weight", {8, 4, 2, 2}},
                                           {"down.1.shrink.weight", {12, 8, 2, 2}},
                                           {"up.1.grow.weight", {8, 12, 1, 1}},
                                           {"up.0.grow.weight", {4, 8, 1, 1}},
                                           {"tail.weight", {1, 4, 3, 3}}};
  for (const std::string block : {"block.0.", "block.1."})
    for (const std::string conv : {"conv1.weight", "conv2.weight"}) {
      for (const std::string side : {"down.", "up."}) {
        expected[side + "0." + block + conv] = {4, 4, 3, 3};
        expected[side + "1." + block + conv] = {8, 8, 3, 3};
      }
      expected["mid." + block + conv] = {12, 12, 3, 3};
    }
  EXPECT_EQ(ParameterShapes(options), expected);
}

TEST(Unet, BiasesAndTheSigmaMapAreOptions) {
  const auto with = ParameterShapes(Options(3, 2, true));
  const auto without = ParameterShapes(Options(3, 2, false));
  EXPECT_EQ(with.size(), 2 * without.size());
  EXPECT_EQ(with.at("tail.bias"), Shape({3}));
  EXPECT_EQ(with.at("head.weight"), Shape({4, 4, 3, 3}));
  UnetOptions options = Options(3, 2, true);
  options.sigma_map = false;
  EXPECT_EQ(ParameterShapes(options).at("head.weight"), Shape({4, 3, 3, 3}));
}

TEST(Unet, KeepsTheShapeOfImagesThatAreNotSquare) {
  const torch::NoGradGuard no_gradient;
  for (const std::int64_t channels : {1, 3})
    for (const std::int64_t levels : {1, 3}) {
      const auto network = TinyUnet(Options(channels, levels, true));
      const torch::Tensor out = network->forward(torch::rand({2, channels + 1, 20, 12}));
      EXPECT_EQ(ShapeOf(out), Shape({2, channels, 20, 12}));
    }
}

TEST(Unet, EveryParameterMatters) {
  const auto network = TinyUnet(Options(1, 2, true));
  for (torch::Tensor& p : network->parameters()) p.requires_grad_(true);
  network->forward(torch::rand({2, 2, 8, 8})).square().sum().backward();
  for (const auto& item : network->named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_GT(item.value().grad().abs().max().item<float>(), 0) << item.key();
  }
}

TEST(UnetOptions, OutsideTheLegalRangeThrows) {
  const auto refused = [](auto&& change) {
    UnetOptions options;
    change(options);
    ExpectError([&] { UnetTable(options); }, {"unet", "1 to 6 features"});
  };
  refused([](UnetOptions& o) { o.channels = 0; });
  refused([](UnetOptions& o) { o.features = {}; });
  refused([](UnetOptions& o) { o.features = {8, 0}; });
  refused([](UnetOptions& o) { o.features = {1, 1, 1, 1, 1, 1, 1}; });
  refused([](UnetOptions& o) { o.blocks = 0; });
}

std::map<std::string, torch::Tensor> NamedWeights(const TableNetwork& network) {
  std::map<std::string, torch::Tensor> weights;
  for (const auto& item : network.named_parameters()) weights[item.key()] = item.value();
  return weights;
}

UnetOptions Everything() {
  UnetOptions options = Options(1, 2, true);
  options.normalisation = Normalisation::kGroup;
  options.activation = Activation::kSilu;
  options.attention = true;
  return options;
}

// The header's description, written out with Torch's own functions, of two levels.
torch::Tensor UnetByHand(const std::map<std::string, torch::Tensor>& w, torch::Tensor x) {
  const auto conv = [&](const std::string& name, const torch::Tensor& v, int pad, int stride = 1) {
    return torch::conv2d(v, w.at(name + ".weight"), w.at(name + ".bias"), stride, pad);
  };
  const auto norm = [&](const std::string& name, const torch::Tensor& v) {
    const std::int64_t groups = v.size(1) / 4;
    return torch::group_norm(v, groups, w.at(name + ".weight"), w.at(name + ".bias"), 1e-5);
  };
  const auto block = [&](const std::string& place, const torch::Tensor& v) {
    const std::string name = place + ".block.0.";
    return v +
           conv(name + "conv2", torch::silu(norm(name + "norm", conv(name + "conv1", v, 1))), 1);
  };
  const torch::Tensor skip = block("down.0", conv("head", x, 1));
  x = block("mid", conv("down.0.shrink", skip, 0, 2));
  const std::string at = "mid.attention.";
  const torch::Tensor n = norm(at + "norm", x);
  const torch::Tensor q = conv(at + "query", n, 0).flatten(2),
                      k = conv(at + "key", n, 0).flatten(2);
  const torch::Tensor v = conv(at + "value", n, 0).flatten(2);
  const torch::Tensor share = torch::einsum("bci,bcj->bij", {q, k}).div(std::sqrt(8.0)).softmax(2);
  x = x + conv(at + "out", torch::einsum("bij,bcj->bci", {share, v}).view(x.sizes()), 0);
  x = torch::upsample_nearest2d(conv("up.0.grow", x, 0), {skip.size(2), skip.size(3)}) + skip;
  return conv("tail", block("up.0", x), 1);
}

TEST(Unet, WithEveryOptionIsItsDescription) {
  const torch::NoGradGuard no_gradient;
  const auto network = TinyUnet(Everything());
  network->SetType(torch::kFloat64);
  const torch::Tensor x = torch::rand({2, 2, 12, 8}, torch::kFloat64);
  EXPECT_TRUE(
      torch::allclose(network->forward(x), UnetByHand(NamedWeights(*network), x), 1e-12, 1e-12));
}

TEST(Unet, NormalisesByBatchInEveryBlock) {
  UnetOptions options = Options(1, 2, false);
  options.normalisation = Normalisation::kBatch;
  const auto shapes = ParameterShapes(options);
  EXPECT_EQ(shapes.size(), ParameterShapes(Options(1, 2, false)).size() + 6);
  for (const char* block : {"down.0.block.0.norm", "up.0.block.0.norm"}) {
    EXPECT_EQ(shapes.at(std::string(block) + ".running_sd"), Shape({1, 4, 1, 1}));
    EXPECT_EQ(shapes.at(std::string(block) + ".gammas"), Shape({1, 4, 1, 1}));
  }
  EXPECT_TRUE(UnetTable(options).Homogeneous());
}

TEST(Unet, NormalisesByGroupsOfAtLeastFourChannels) {
  for (const auto& [features, groups] : {std::pair{3L, 1L},
                                         {7L, 1L},
                                         {12L, 3L},
                                         {30L, 6L},
                                         {120L, 30L},
                                         {128L, 32L},
                                         {136L, 17L},
                                         {256L, 32L}}) {
    UnetOptions options;
    options.features = {features};
    options.normalisation = Normalisation::kGroup;
    const NetworkTable table = UnetTable(options);
    EXPECT_EQ(table.Layers()[2].operation, Operation::kNormalisation);
    EXPECT_EQ(table.Layers()[2].groups, groups) << features;
  }
}

TEST(UnetOptions, NamesGoThereAndBack) {
  for (const auto n : {Normalisation::kNone, Normalisation::kBatch, Normalisation::kGroup})
    EXPECT_EQ(FromName<Normalisation>(NameOf(n)), n);
  for (const auto a : {Activation::kRelu, Activation::kSilu})
    EXPECT_EQ(FromName<Activation>(NameOf(a)), a);
}

// Zhang et al. 2017: 35 x 35 for depth 17, 41 x 41 for depth 20.
TEST(Dncnn, HasThePublishedReceptiveFieldAndSize) {
  DncnnOptions options;
  EXPECT_EQ(DncnnTable(options).ReceptiveField(), 35);
  constexpr std::int64_t kMiddle = 64 * 64 * 9 + 64, kScaling = 2 * 64;
  EXPECT_EQ(TableNetwork(DncnnTable(options)).ParameterCount(),
            (64 * 9 + 64) + 15 * (kMiddle + kScaling) + (64 * 9 + 1));
  options.depth = 20;
  EXPECT_EQ(DncnnTable(options).ReceptiveField(), 41);
}

TEST(Dncnn, IsConvolutionsWithScalingsBetween) {
  const torch::NoGradGuard no_gradient;
  for (const bool biases : {true, false}) {
    const auto network = RandomNetwork(DncnnTable({2, 4, 5, biases}));
    const auto w = NamedWeights(*network);
    const torch::Tensor y = torch::rand({2, 2, 9, 12});
    const auto conv = [&](int l, const torch::Tensor& x) {
      const std::string name = fmt::format("conv.{}.", l);
      return torch::conv2d(
          x, w.at(name + "weight"), biases ? w.at(name + "bias") : torch::Tensor(), 1, 1);
    };
    torch::Tensor x = conv(0, y).relu();
    for (int l = 1; l < 3; ++l) {
      const std::string name = fmt::format("norm.{}.", l);
      x = (conv(l, x) / w.at(name + "running_sd") * w.at(name + "gammas")).relu();
    }
    EXPECT_TRUE(torch::allclose(network->forward(y), conv(3, x), 1e-5, 1e-6));
    EXPECT_EQ(network->Traits().homogeneous, !biases);
  }
}

TEST(Dncnn, OutsideTheLegalRangeThrows) {
  for (const DncnnOptions& options : {DncnnOptions{0, 17, 64, true},
                                      DncnnOptions{1, 1, 64, true},
                                      DncnnOptions{1, 101, 64, true},
                                      DncnnOptions{1, 17, 0, true}})
    ExpectError([&] { DncnnTable(options); }, {"dncnn", "depth 2 to 100"});
}

TEST(Linear, IsItsMatrixAndBias) {
  const torch::NoGradGuard no_gradient;
  const auto network = RandomNetwork(LinearTable({{2, 3, 5}}));
  const auto w = NamedWeights(*network);
  const torch::Tensor y = torch::rand({4, 2, 3, 5}).contiguous(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor expected =
      y.reshape({4, 30}).matmul(w.at("dense.weight").t()) + w.at("dense.bias");
  EXPECT_TRUE(torch::allclose(network->forward(y), expected.view({4, 2, 3, 5}), 1e-5, 1e-6));
}

TEST(Linear, OutsideTheLegalRangeThrows) {
  for (const ImageShape& images : {ImageShape{0, 8, 8}, {1, 0, 8}, {1, 129, 128}, {1, 1L << 62, 8}})
    ExpectError([&] { LinearTable({images}); }, {"linear", "1 to 16384 pixels"});
}

// Deviations of the weights in units of He's, within five standard errors of their own number.
TEST(FreshNetwork, HasHesDeviationTimesItsGain) {
  UnetOptions options = Everything();
  options.features = {8, 16};
  const std::map<std::string, double> gains = {{"conv2", 0.2},
                                               {"out", 0.2},
                                               {"tail", 0.2},
                                               {"conv.4", 0.2},
                                               {"dense", 0.2},
                                               {"query", std::sqrt(0.5)},
                                               {"key", std::sqrt(0.5)},
                                               {"value", std::sqrt(0.5)}};
  for (const NetworkTable& table :
       {UnetTable(options), DncnnTable({1, 5, 8, true}), LinearTable({{1, 8, 8}})}) {
    torch::manual_seed(7);
    const TableNetwork network(table);
    for (const auto& item : network.named_parameters()) {
      const std::string& name = item.key();
      const torch::Tensor& w = item.value();
      if (name.find("norm") != std::string::npos || w.dim() == 1) {
        const bool zero = name.find(".bias") != std::string::npos;
        EXPECT_TRUE(w.eq(zero ? 0 : 1).all().item<bool>()) << name;
        continue;
      }
      double gain = 1;
      for (const auto& [layer, other] : gains)
        if (name.find(layer + ".weight") != std::string::npos) gain = other;
      const auto n = static_cast<double>(w.numel());
      const double he = std::sqrt(2.0 * static_cast<double>(w.size(0)) / n);
      const double deviation = std::sqrt(w.square().sum().item<double>() / n) / he;
      EXPECT_NEAR(deviation / gain, 1, 5 / std::sqrt(2 * n)) << name;
    }
  }
}

// Mohan et al.'s code, written out with Torch's own functions.
torch::Tensor LcvUnetByHand(const std::map<std::string, torch::Tensor>& w, torch::Tensor y) {
  const auto conv = [&](const char* name, const torch::Tensor& x, int pad, int stride, int dilate) {
    return torch::conv2d(x, w.at(std::string(name) + ".weight"), {}, stride, pad, dilate);
  };
  const std::int64_t H = y.size(2), W = y.size(3);
  y = torch::constant_pad_nd(y, {0, W % 2, 0, H % 2});
  const torch::Tensor skip = conv("conv2", conv("conv1", y, 2, 1, 1).relu(), 1, 1, 1).relu();
  torch::Tensor x = conv("conv3", skip, 1, 2, 1).relu();
  x = conv("conv4", x, 1, 1, 1).relu();
  x = conv("conv5", x, 2, 1, 2).relu();
  x = conv("conv6", x, 4, 1, 4).relu();
  x = torch::conv_transpose2d(x, w.at("conv7.weight"), {}, 2, 1).relu();
  x = conv("conv8", torch::cat({x, skip}, 1), 1, 1, 1).relu();
  return conv("conv9", x, 2, 1, 1).slice(2, 0, H).slice(3, 0, W);
}

TEST(LcvUnet, IsItsCodeForEvenAndOddSizes) {
  const torch::NoGradGuard no_gradient;
  const auto network = RandomNetwork(LcvUnetTable());
  EXPECT_EQ(network->ParameterCount(), 233024);
  for (const auto& [H, W] : {std::pair{20L, 20L}, {21L, 14L}, {17L, 23L}}) {
    const torch::Tensor y = torch::rand({2, 1, H, W});
    EXPECT_TRUE(
        torch::allclose(network->forward(y), LcvUnetByHand(NamedWeights(*network), y), 1e-5, 1e-6));
  }
}

TEST(LcvBfcnn, ScalesByGammasOverRunningSd) {
  const torch::NoGradGuard no_gradient;
  const auto network = RandomNetwork(LcvBfcnnTable());
  const auto w = NamedWeights(*network);
  const torch::Tensor y = torch::rand({1, 1, 9, 12});
  torch::Tensor x = torch::conv2d(y, w.at("conv_layers.0.weight"), {}, 1, 1);
  for (int l = 1; l < 20; ++l) {
    x = torch::conv2d(x, w.at(fmt::format("conv_layers.{}.weight", l)));
    const std::string bn = fmt::format("BN_layers.{}.", l - 1);
    x = (x / w.at(bn + "running_sd") * w.at(bn + "gammas")).relu();
  }
  x = torch::conv2d(x, w.at("conv_layers.20.weight"), {}, 1, 1);
  EXPECT_TRUE(torch::allclose(network->forward(y), x, 1e-5, 1e-6));
}

}  // namespace
}  // namespace denoscope
