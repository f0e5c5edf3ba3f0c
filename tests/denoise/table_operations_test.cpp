// Operations against their definitions in plain numbers.
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "denoscope/denoise/linearised_network.h"
#include "denoscope/image/tensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

using Value = NetworkTable::Value;
using torch::Tensor;
constexpr double kRounding = 1e-12;

double At(const Tensor& x, std::int64_t b, std::int64_t c, std::int64_t pixel) {
  return x[b][c].flatten()[pixel].item<double>();
}

Tensor Input(at::IntArrayRef shape) {
  torch::manual_seed(4);
  return torch::randn(shape, torch::kFloat64).contiguous(torch::MemoryFormat::ChannelsLast);
}

Tensor RunRandom(const NetworkTable& table, const Tensor& x) {
  const torch::NoGradGuard no_gradient;
  const auto network = RandomNetwork(table);
  network->SetType(torch::kFloat64);
  return network->forward(x);
}

void ExpectEntries(const Tensor& y,
                   const std::function<double(std::int64_t, std::int64_t, std::int64_t)>& entry) {
  for (std::int64_t b = 0; b < y.size(0); ++b)
    for (std::int64_t c = 0; c < y.size(1); ++c)
      for (std::int64_t i = 0; i < y.size(2) * y.size(3); ++i)
        ASSERT_NEAR(At(y, b, c, i), entry(b, c, i), kRounding) << b << " " << c << " " << i;
}

NetworkTable WithOne(const std::function<Value(NetworkTable&, Value)>& operation) {
  NetworkTable t("one", 1);
  const Value x = t.Convolution("a", 0, 4, {3, 1});
  t.Convolution("b", operation(t, x), 1, {3, 1});
  return t;
}
// `table` doubles again what it made of every four pixels; of images of 4 x 6 pixels.
void ExpectOfFour(const NetworkTable& table,
                  const std::function<double(const std::vector<double>&)>& of_four) {
  const Tensor x = Input({2, 3, 4, 6});
  const Tensor y = RunRandom(table, x);
  ASSERT_EQ(ShapeOf(y), ShapeOf(x));
  ExpectEntries(y, [&](std::int64_t b, std::int64_t c, std::int64_t i) {
    const std::int64_t corner = i / 6 / 2 * 2 * 6 + i % 6 / 2 * 2;
    return of_four({At(x, b, c, corner),
                    At(x, b, c, corner + 1),
                    At(x, b, c, corner + 6),
                    At(x, b, c, corner + 7)});
  });
}

TEST(Pooling, IsTheMaximumOfFourPixels) {
  NetworkTable t("pooling", 3);
  t.Doubling(t.Pooling(0));
  ExpectOfFour(t,
               [](const std::vector<double>& x) { return *std::max_element(x.begin(), x.end()); });
}

TEST(Averaging, IsTheMeanOfFourPixels) {
  NetworkTable t("averaging", 3);
  t.Doubling(t.Averaging(0));
  ExpectOfFour(t, [](const std::vector<double>& x) { return (x[0] + x[1] + x[2] + x[3]) / 4; });
}

// Equal pixels, as zeros after a ReLU are, and none of them: as autograd chooses.
TEST(Pooling, IsLinearisedAsAutogradDoesAlsoAtTies) {
  const NetworkTable table =
      WithOne([](NetworkTable& t, Value x) { return t.Doubling(t.Pooling(t.Relu(x))); });
  NetworkTable bare("bare", 2);
  bare.Doubling(bare.Pooling(0));
  for (const auto& [t, shape] :
       {std::pair{table, Shape{1, 1, 8, 12}}, std::pair{bare, Shape{1, 2, 8, 12}}}) {
    const auto network = RandomNetwork(t);
    network->SetType(torch::kFloat64);
    // Whole numbers from 0 to 2: most maxima are shared.
    Tensor x = (3 * torch::rand(shape, torch::kFloat64)).floor().requires_grad_(true);
    const Tensor y = network->forward(x);
    const Tensor u = torch::randn_like(y), v = torch::randn_like(x);
    const Tensor expected = torch::autograd::grad({y}, {x}, {u})[0];
    const LinearisedNetwork linear(*network, x.detach());
    const Tensor back = linear.ApplyTranspose(u);
    EXPECT_LT((back - expected).abs().max().item<double>(), kRounding);
    EXPECT_NEAR((linear.Apply(v) * u).sum().item<double>(),
                (back * v).sum().item<double>(),
                1e3 * kRounding);
  }
}

TEST(Silu, IsTheInputTimesItsSigmoid) {
  NetworkTable t("silu", 2);
  t.Silu(0);
  const Tensor x = Input({2, 2, 3, 4});
  ExpectEntries(RunRandom(t, x), [&](std::int64_t b, std::int64_t c, std::int64_t i) {
    return At(x, b, c, i) / (1 + std::exp(-At(x, b, c, i)));
  });
}

TEST(Normalisation, IsByGroupAndImage) {
  NetworkTable t("normalisation", 6);
  t.Normalisation("n", 0, 2);
  const Tensor x = 3 + 2 * Input({2, 6, 3, 4});
  const auto weights = RandomNetwork(t)->Weights();
  const Tensor w = ToTensor(weights.at("n.weight")), bias = ToTensor(weights.at("n.bias"));
  ExpectEntries(RunRandom(t, x), [&](std::int64_t b, std::int64_t c, std::int64_t i) {
    double sum = 0, squares = 0;
    for (std::int64_t k = c / 3 * 3; k < c / 3 * 3 + 3; ++k)
      for (std::int64_t j = 0; j < 12; ++j) {
        sum += At(x, b, k, j) / 36;
        squares += At(x, b, k, j) * At(x, b, k, j) / 36;
      }
    return (At(x, b, c, i) - sum) / std::sqrt(squares - sum * sum + 1e-5) * w[c].item<double>() +
           bias[c].item<double>();
  });
}

// Queries of two channels, keys of two, values of one: channels 0-1, 2-3 and 4 of the input.
TEST(Attention, IsTheMeanOfValuesWeighedByLikeness) {
  NetworkTable t("attention", 5);
  const auto pick = [&](const char* name, std::int64_t out) {
    return t.Convolution(name, 0, out, {1, 0});
  };
  const Value q = pick("q", 2), k = pick("k", 2), v = pick("v", 1);
  t.Attention(q, k, v);
  const torch::NoGradGuard no_gradient;
  TableNetwork network(t);
  for (const auto& [name, first, count] :
       {std::tuple{"q.weight", 0, 2}, {"k.weight", 2, 2}, {"v.weight", 4, 1}})
    network.named_parameters()[name].copy_(
        torch::eye(5).slice(0, first, first + count).view({count, 5, 1, 1}));
  network.SetType(torch::kFloat64);
  const Tensor x = Input({2, 5, 3, 4});
  ExpectEntries(network.forward(x), [&](std::int64_t b, std::int64_t, std::int64_t i) {
    double total = 0, sum = 0;
    for (std::int64_t j = 0; j < 12; ++j) {
      const double like = At(x, b, 0, i) * At(x, b, 2, j) + At(x, b, 1, i) * At(x, b, 3, j);
      const double weight = std::exp(like / std::sqrt(2.0));
      total += weight;
      sum += weight * At(x, b, 4, j);
    }
    return sum / total;
  });
}

NetworkTable WithSilu() {
  return WithOne([](NetworkTable& t, Value x) { return t.Silu(x); });
}
NetworkTable WithNormalisation() {
  return WithOne([](NetworkTable& t, Value x) { return t.Normalisation("n", x, 2); });
}
NetworkTable WithAttention() {
  return WithOne([](NetworkTable& t, Value x) { return t.Attention(x, x, x); });
}

TEST(NetworkTable, KnowsWhichOperationsAreSmooth) {
  for (const NetworkTable& table : {WithSilu(), WithNormalisation(), WithAttention()}) {
    EXPECT_FALSE(table.PiecewiseLinear());
    EXPECT_FALSE(table.Homogeneous());
    const auto network = RandomNetwork(table);
    ExpectError(
        [&] {
          LinearisedNetwork(*network, torch::rand({1, 1, 8, 8}));
        },
        {"'one'", "piecewise linear"});
  }
  EXPECT_TRUE(LinearTable({{1, 4, 4}}).PiecewiseLinear());
  EXPECT_FALSE(LinearTable({{1, 4, 4}}).Homogeneous()) << "it has a bias";
  EXPECT_TRUE(DncnnTable({1, 3, 4, false}).Homogeneous());
}

// Against the gradient of a corner pixel: where it is exactly zero, nothing is reached.
TEST(NetworkTable, ReachesTheWholeImageByNormalisationAttentionAndLinear) {
  constexpr std::int64_t kSide = 12;
  const auto reach = [](const NetworkTable& table) {
    const auto network = RandomNetwork(table);
    Tensor x = torch::rand({1, 1, kSide, kSide}).requires_grad_(true);
    const Tensor g = torch::autograd::grad({network->forward(x)[0][0][0][0]}, {x})[0];
    const std::int64_t by_gradient = g[0][0].nonzero().max().item<std::int64_t>();
    const Reach by_table = table.ReachOf(0, table.Layers().size(), kSide)[0];
    EXPECT_EQ(by_table.low, 0);
    EXPECT_EQ(by_table.high, by_gradient);
    return by_table.high;
  };
  EXPECT_EQ(reach(WithSilu()), 2);
  EXPECT_EQ(reach(WithNormalisation()), kSide - 1);
  EXPECT_EQ(reach(WithAttention()), kSide - 1);
  EXPECT_EQ(reach(LinearTable({{1, kSide, kSide}})), kSide - 1);
  EXPECT_FALSE(WithNormalisation().ReceptiveField().has_value());
  EXPECT_FALSE(WithAttention().ReceptiveField().has_value());
  EXPECT_EQ(WithSilu().ReceptiveField(), 5);
}

// Beside two convolutions of 4 channels: n = H W pixels, n^2 pairs, 4 channels of q k^T and of v.
TEST(NetworkTable, CountsTheWorkOfAttentionAndLinear) {
  const double n = 6 * 10, convolutions = n * 2 * 4 * 9;
  EXPECT_DOUBLE_EQ(WithSilu().Gflop(6, 10), 2e-9 * convolutions);
  EXPECT_DOUBLE_EQ(WithAttention().Gflop(6, 10), 2e-9 * (convolutions + n * n * 8));
  EXPECT_DOUBLE_EQ(LinearTable({{3, 6, 10}}).Gflop(6, 10), 2e-9 * (3 * n) * (3 * n));
}

// A value that a backward reads must not have been overwritten: gradients against differences.
TEST(TableNetwork, KeepsWhatSmoothBackwardsRead) {
  UnetOptions options;
  options.features = {4, 8};
  options.sigma_map = false;
  options.attention = true;
  for (const Normalisation n : {Normalisation::kNone, Normalisation::kBatch, Normalisation::kGroup})
    for (const Activation a : {Activation::kRelu, Activation::kSilu}) {
      options.normalisation = n;
      options.activation = a;
      const auto network = TinyUnet(options);
      network->SetType(torch::kFloat64);
      for (torch::Tensor& p : network->parameters()) p.requires_grad_(true);
      const Tensor x = Input({2, 1, 8, 12});
      Tensor at = x.clone().requires_grad_(true);
      const Tensor v = torch::randn_like(x), u = torch::randn_like(x);
      const double slope = (torch::autograd::grad({(network->forward(at) * u).sum()}, {at})[0] * v)
                               .sum()
                               .item<double>();
      const torch::NoGradGuard no_gradient;
      const double h = 1e-6;
      const Tensor difference = network->forward(x + h * v) - network->forward(x - h * v);
      EXPECT_NEAR((difference * u).sum().item<double>() / (2 * h), slope, 1e-6 * std::abs(slope))
          << NameOf(n) << " " << NameOf(a);
    }
}

}  // namespace
}  // namespace denoscope
