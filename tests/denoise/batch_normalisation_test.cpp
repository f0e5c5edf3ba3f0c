// Training of scalings: batch normalisation without mean and bias.
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include "denoscope/image/tensors.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

using torch::Tensor;

NetworkTable OneScaling() {
  NetworkTable t("one", 3);
  t.Scaling("n", 0);
  return t;
}

// Three channels of unlike mean and spread.
Tensor Batch(std::uint64_t seed) {
  torch::manual_seed(seed);
  const Tensor scale = torch::tensor({0.5, 2.0, 7.0}, torch::kFloat64).view({1, 3, 1, 1});
  return scale * (1 + torch::randn({4, 3, 5, 6}, torch::kFloat64));
}

std::shared_ptr<TableNetwork> InFloat64(const NetworkTable& table) {
  const auto network = RandomNetwork(table);
  network->SetType(torch::kFloat64);
  return network;
}

// By plain sums over images and pixels.
Tensor Sd(const Tensor& x) {
  const double n = static_cast<double>(x.numel() / x.size(1));
  const Tensor by_channel = x.transpose(0, 1).flatten(1), mean = by_channel.sum(1) / n;
  return (by_channel.square().sum(1) / n - mean.square() + 1e-5).sqrt().view({1, -1, 1, 1});
}

TEST(BatchNormalisation, DividesByTheBatchesOwnSdAndSubtractsNothing) {
  const auto network = InFloat64(OneScaling());
  const Tensor gammas = network->LayerWeights(0)[1], x = Batch(1);
  network->train();
  EXPECT_TRUE(torch::allclose(network->forward(x), x / Sd(x) * gammas, 1e-12, 1e-12));
}

TEST(BatchNormalisation, RemembersSdAsAnExponentialMean) {
  const auto network = InFloat64(OneScaling());
  Tensor expected = network->LayerWeights(0)[0].clone();
  network->train();
  for (std::uint64_t step = 0; step < 5; ++step) {
    network->forward(Batch(step));
    expected = 0.9 * expected + 0.1 * Sd(Batch(step));
  }
  EXPECT_TRUE(torch::allclose(network->LayerWeights(0)[0], expected, 1e-12, 1e-12));
}

TEST(BatchNormalisation, UsesWhatItRemembersOutsideTraining) {
  const auto network = InFloat64(OneScaling());
  const Tensor x = Batch(1), running_sd = network->LayerWeights(0)[0].clone();
  const Tensor gammas = network->LayerWeights(0)[1];
  EXPECT_TRUE(torch::allclose(network->forward(x), x / running_sd * gammas, 1e-12, 1e-12))
      << "as a network starts";
  EXPECT_TRUE(torch::equal(network->LayerWeights(0)[0], running_sd)) << "nothing is remembered";
  network->train();
  network->forward(x);
  network->eval();
  // An image's result is its own, whatever else is in the batch.
  EXPECT_TRUE(torch::equal(network->forward(x).slice(0, 1, 2), network->forward(x.slice(0, 1, 2))));
}

// The gradient passes through the batch's sd: against differences of the whole map.
TEST(BatchNormalisation, HasTheGradientOfItsFormula) {
  const auto network = InFloat64(OneScaling());
  network->train();
  const Tensor x = Batch(1), v = Batch(2), u = Batch(3);
  Tensor at = x.clone().requires_grad_(true);
  const Tensor g = torch::autograd::grad({(network->forward(at) * u).sum()}, {at})[0];
  const double h = 1e-6;
  const double slope =
      ((network->forward(x + h * v) - network->forward(x - h * v)) * u).sum().item<double>() /
      (2 * h);
  EXPECT_NEAR((g * v).sum().item<double>(), slope, 1e-7 * std::abs(slope));
}

TEST(BatchNormalisation, LearnsGammasAndNotRunningSd) {
  TableNetwork network(OneScaling());
  EXPECT_FALSE(network.LayerWeights(0)[0].requires_grad());
  EXPECT_TRUE(network.LayerWeights(0)[1].requires_grad());
}

// A few steps of descent, stopped half way and gone on with from the weights alone.
TEST(BatchNormalisation, GoesOnFromItsWeightsBitForBit) {
  const ModelDescription d = TinyDescription("blind-batchnorm");
  const auto descend = [](TableNetwork& network, int begin, int end) {
    network.train();
    for (int step = begin; step < end; ++step) {
      torch::manual_seed(static_cast<std::uint64_t>(step));
      const Tensor x = torch::rand({4, 1, 8, 8}), z = 0.3 * torch::randn({4, 1, 8, 8});
      network.zero_grad();
      (network.forward(x + z) - z).square().mean().backward();
      const torch::NoGradGuard no_gradient;
      for (Tensor& p : network.parameters())
        if (p.grad().defined()) p.sub_(0.1 * p.grad());
    }
  };
  torch::manual_seed(1);
  TableNetwork whole(d.Table()), first(d.Table()), second(d.Table());
  first.Load(whole.Weights(), "start");
  const auto start = whole.Weights();
  descend(whole, 0, 6);
  descend(first, 0, 3);
  second.Load(first.Weights(), "half way");
  descend(second, 3, 6);
  const auto expected = whole.Weights();
  for (const auto& [name, array] : second.Weights()) {
    EXPECT_EQ(array.bytes, expected.at(name).bytes) << name;
    EXPECT_NE(array.bytes, start.at(name).bytes) << name << " was never changed";
  }
}

}  // namespace
}  // namespace denoscope
