#include "denoscope/denoise/architectures.h"

#include <gtest/gtest.h>

#include <set>

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

std::map<std::string, torch::Tensor> NamedWeights(const TableNetwork& network) {
  std::map<std::string, torch::Tensor> weights;
  for (const auto& item : network.named_parameters()) weights[item.key()] = item.value();
  return weights;
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
