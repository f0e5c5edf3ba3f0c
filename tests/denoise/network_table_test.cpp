#include "denoscope/denoise/network_table.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include "denoscope/denoise/architectures.h"
#include "denoscope/image/tensors.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

using Value = NetworkTable::Value;

UnetOptions Plain(const std::vector<std::int64_t>& features) {
  UnetOptions options;
  options.features = features;
  options.biases = options.sigma_map = false;
  return options;
}

// Every operation once.
NetworkTable Everything() {
  NetworkTable t("everything", 2);
  Value x = t.Padding(0, 4);
  const Value skip = t.Relu(t.Convolution("a", x, 3, {3, 1}));
  x = t.Scaling("b", t.Convolution("c", skip, 5, {3, 2, 2, 2}));
  x = t.Transposed("d", t.Relu(x), 3, {4, 1, 2});
  x = t.Sum(x, skip);
  x = t.Convolution("e", t.Sum(t.Pooling(x), t.Averaging(x)), 2, {2, 0, 2});
  x = t.Concatenation(t.Doubling(t.Doubling(x)), skip);
  t.Cropping(t.Convolution("f", x, 2, {3, 1}));
  return t;
}

TEST(NetworkTable, ListsItsParameters) {
  const std::vector<std::pair<std::string, Shape>> expected = {{"a.weight", {3, 2, 3, 3}},
                                                               {"c.weight", {5, 3, 3, 3}},
                                                               {"b.running_sd", {1, 5, 1, 1}},
                                                               {"b.gammas", {1, 5, 1, 1}},
                                                               {"d.weight", {5, 3, 4, 4}},
                                                               {"e.weight", {2, 3, 2, 2}},
                                                               {"f.weight", {2, 5, 3, 3}}};
  EXPECT_EQ(Everything().Parameters(), expected);
}

TEST(NetworkTable, KnowsWhichSizesItTakes) {
  EXPECT_EQ(UnetTable(Plain({4})).SizeMultiple(), 1);
  EXPECT_EQ(UnetTable(Plain({4, 8, 12, 16})).SizeMultiple(), 8);
  EXPECT_EQ(LcvUnetTable().SizeMultiple(), 1) << "it pads";
  EXPECT_EQ(LcvBfcnnTable().SizeMultiple(), 1);
  EXPECT_EQ(Everything().SizeMultiple(), 1) << "it pads";
  EXPECT_EQ(FindPublishedArchitecture("drunet").table.SizeMultiple(), 8);
  EXPECT_EQ(FindPublishedArchitecture("lcv-gahs-unet").table.SizeMultiple(), 8);
  EXPECT_EQ(FindPublishedArchitecture("oidn").table.SizeMultiple(), 1) << "it pads";
}

TEST(NetworkTable, IsHomogeneousUnlessItHasABias) {
  const torch::NoGradGuard no_gradient;
  UnetOptions biased = Plain({4, 8});
  biased.biases = true;
  EXPECT_FALSE(UnetTable(biased).Homogeneous());
  for (const NetworkTable& table : {Everything(), LcvUnetTable(), UnetTable(Plain({4, 8}))}) {
    EXPECT_TRUE(table.Homogeneous()) << table.Name();
    const auto network = RandomNetwork(table);
    const torch::Tensor x = torch::rand({1, table.InputChannels(), 12, 20}) - 0.5;
    EXPECT_TRUE(torch::allclose(network->forward(3 * x), 3 * network->forward(x), 1e-4, 1e-5))
        << table.Name();
  }
}

// Where any output pixel of a network of positive weights (every path is open) depends on the
// input: the gradient itself, pixel by pixel.
std::int64_t LargestReach(const NetworkTable& table, std::int64_t side) {
  const auto network = RandomNetwork(table);
  torch::NoGradGuard no_gradient;
  for (torch::Tensor& p : network->parameters()) p.abs_();
  torch::AutoGradMode gradient(true);
  torch::Tensor x = torch::ones({1, table.InputChannels(), side, side}).requires_grad_(true);
  const torch::Tensor y = network->forward(x)[0][0];
  std::int64_t radius = 0;
  for (std::int64_t i = 0; i < side; ++i) {
    const torch::Tensor g = torch::autograd::grad({y[i][side / 2]}, {x}, {}, true)[0][0];
    const torch::Tensor rows = g.abs().sum(at::IntArrayRef({0, 2})).nonzero().flatten();
    radius = std::max(radius, (rows - i).abs().max().item<std::int64_t>());
  }
  return 2 * radius + 1;
}

TEST(NetworkTable, ReceptiveFieldIsTheReachOfTheGradient) {
  EXPECT_EQ(LcvBfcnnTable().ReceptiveField(), 5);
  EXPECT_EQ(*UnetTable(Plain({3})).ReceptiveField(), LargestReach(UnetTable(Plain({3})), 20));
  EXPECT_EQ(*UnetTable(Plain({3, 4})).ReceptiveField(), LargestReach(UnetTable(Plain({3, 4})), 64));
  EXPECT_EQ(*LcvUnetTable().ReceptiveField(), LargestReach(LcvUnetTable(), 96));
  NetworkTable averaging("averaging", 1);
  const Value x = averaging.Averaging(averaging.Convolution("a", 0, 3, {3, 1}));
  averaging.Doubling(averaging.Convolution("b", x, 1, {3, 1}));
  EXPECT_EQ(*averaging.ReceptiveField(), LargestReach(averaging, 20));
  UnetOptions large = Plain({3, 3, 3, 3, 3, 3});
  large.blocks = 3;
  EXPECT_FALSE(UnetTable(large).ReceptiveField().has_value());
}

// A maximum passes the gradient of one of its pixels alone, but depends on all.
TEST(NetworkTable, PoolingReachesAsFarAsAveraging) {
  const auto reaches = [](bool maximum) {
    NetworkTable t("halved", 1);
    const Value x = t.Convolution("a", 0, 2, {3, 1});
    t.Doubling(maximum ? t.Pooling(x) : t.Averaging(x));
    return t.ReachOf(0, t.Layers().size(), 12);
  };
  for (std::int64_t i = 0; i < 12; ++i)
    for (const bool maximum : {false, true}) {
      const Reach reach = reaches(maximum)[static_cast<std::size_t>(i)];
      EXPECT_EQ(reach.low, std::max<std::int64_t>(i / 2 * 2 - 1, 0)) << i;
      EXPECT_EQ(reach.high, std::min<std::int64_t>(i / 2 * 2 + 2, 11)) << i;
    }
}

// 2 H W in out k^2 a convolution at full size, a quarter of the positions a level below.
TEST(NetworkTable, CountsTheWorkOfItsConvolutions) {
  const double full = 12 * 20;
  EXPECT_DOUBLE_EQ(LcvBfcnnTable().Gflop(12, 20), 2e-9 * full * (2 * 64 * 9 + 19.0 * 64 * 64));
  const double unet = full * (2 * 3 * 9 + 4 * 9 * 9) + full / 4 * (2 * 9 * 25 + 3 * 5 * 4 + 5 * 3);
  EXPECT_DOUBLE_EQ(UnetTable(Plain({3, 5})).Gflop(12, 20), 2e-9 * unet);
  for (const bool maximum : {false, true}) {
    NetworkTable t("halved", 2);
    t.Convolution("a", maximum ? t.Pooling(0) : t.Averaging(0), 3, {3, 1});
    EXPECT_DOUBLE_EQ(t.Gflop(12, 20), 2e-9 * full / 4 * 2 * 3 * 9);
  }
}

TEST(TableNetwork, OverwritesNothingThatIsStillNeeded) {
  const auto network = RandomNetwork(Everything());
  const torch::Tensor x = torch::rand({2, 2, 11, 14}, torch::kFloat64);
  network->SetType(torch::kFloat64);
  const torch::Tensor before = x.clone();
  const torch::Tensor y = network->forward(x);
  EXPECT_TRUE(torch::equal(x, before));
  EXPECT_EQ(ShapeOf(y), Shape({2, 2, 11, 14}));
  EXPECT_TRUE(torch::equal(network->forward(x), y));

  // The gradient against differences: wrong if a value that a backward reads had been overwritten.
  torch::Tensor at = x.clone().requires_grad_(true);
  const torch::Tensor direction = torch::randn_like(x);
  const torch::Tensor weights = torch::randn_like(y);
  const torch::Tensor gradient =
      torch::autograd::grad({(network->forward(at) * weights).sum()}, {at})[0];
  const double h = 1e-7;
  const double slope =
      ((network->forward(x + h * direction) - network->forward(x - h * direction)) * weights)
          .sum()
          .item<double>() /
      (2 * h);
  EXPECT_NEAR((gradient * direction).sum().item<double>(), slope, 1e-5 * std::abs(slope));
}

TEST(TableNetwork, AFailedLoadChangesNoWeight) {
  const auto network = TinyUnet(TinyDescription("conditioned").unet, 9);
  const auto before = network->Weights();
  auto weights = TinyUnet(TinyDescription("conditioned").unet)->Weights();
  weights.erase("tail.bias");
  EXPECT_THROW(network->Load(weights, "source"), Error);
  for (const auto& [name, array] : network->Weights())
    EXPECT_EQ(array.bytes, before.at(name).bytes) << name;
}

}  // namespace
}  // namespace denoscope
