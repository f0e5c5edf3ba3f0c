#include "denoscope/denoise/unet.h"

#include <gtest/gtest.h>

#include <set>

#include "denoscope/image/tensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

std::map<std::string, Shape> ParameterShapes(const UnetOptions& options) {
  std::map<std::string, Shape> shapes;
  for (const auto& item : Unet(options)->named_parameters())
    shapes[item.key()] = ShapeOf(item.value());
  return shapes;
}

UnetOptions Options(std::int64_t channels, std::int64_t levels, bool biases) {
  UnetOptions options;
  options.channels = channels;
  options.width = 4;
  options.levels = levels;
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
      Unet network = TinyUnet(Options(channels, levels, true));
      const torch::Tensor out = network->forward(torch::rand({2, channels + 1, 20, 12}));
      EXPECT_EQ(ShapeOf(out), Shape({2, channels, 20, 12}));
    }
}

TEST(Unet, EveryParameterMatters) {
  Unet network = TinyUnet(Options(1, 2, true));
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
    ExpectError([&] { Unet network(options); }, {"unet", "1 to 6 levels"});
  };
  refused([](UnetOptions& o) { o.channels = 0; });
  refused([](UnetOptions& o) { o.width = 0; });
  refused([](UnetOptions& o) { o.blocks = 0; });
  refused([](UnetOptions& o) { o.levels = 0; });
  refused([](UnetOptions& o) { o.levels = 7; });
}

}  // namespace
}  // namespace denoscope
