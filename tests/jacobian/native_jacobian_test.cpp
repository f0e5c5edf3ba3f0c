#include "denoscope/jacobian/native_jacobian.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include "denoscope/base/cancel.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/jacobian/network_cut.h"
#include "tests/support/difference.h"
#include "tests/support/expect_error.h"
#include "tests/support/published_networks.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

// Sums of some hundred products, in another order.
constexpr double kRounding64 = 1e-12, kRounding32 = 1e-5;

UnetOptions Unet(std::int64_t channels, std::int64_t levels, bool biases = true) {
  UnetOptions options;
  options.channels = channels;
  options.features = TinyFeatures(levels);
  options.biases = biases;
  options.sigma_map = false;
  return options;
}

// Two skips into the suffix, one of them the input itself, and a middle with a skip of its own.
NetworkTable TwoSkips() {
  NetworkTable t("two-skips", 2);
  const auto a = t.Relu(t.Convolution("a", 0, 3, {3, 1}));
  const auto b = t.Scaling("b", t.Convolution("c", a, 4, {5, 2}));
  const auto enter = t.Convolution("d", b, 5, {3, 1, 2});
  const auto m = t.Sum(t.Relu(t.Convolution("e", enter, 5, {3, 2, 1, 2})), enter);
  auto x = t.Relu(t.Transposed("f", m, 4, {4, 1, 2}));
  x = t.Concatenation(t.Sum(x, b), 0);
  t.Convolution("g", x, 2, {3, 1});
  return t;
}

// The skip bypasses the only cut: the middle reads a full-size value again.
NetworkTable Uncuttable() {
  NetworkTable t("uncuttable", 1);
  const auto a = t.Relu(t.Convolution("a", 0, 3, {3, 1}));
  const auto down = t.Convolution("b", a, 3, {2, 0, 2});
  const auto again = t.Relu(t.Convolution("c", a, 3, {2, 0, 2}));
  t.Convolution("d", t.Doubling(t.Sum(down, again)), 1, {3, 1});
  return t;
}

struct Case {
  NetworkTable table;
  std::int64_t H, W;
  bool cut;
};
std::vector<Case> Cases() {
  return {{UnetTable(Unet(1, 3)), 20, 28, true},
          {UnetTable(Unet(3, 2)), 14, 10, true},
          {UnetTable(Unet(2, 4, false)), 16, 24, true},
          {UnetTable(Unet(1, 1)), 9, 7, false},
          {LcvUnetTable(), 13, 18, true},
          {LcvBfcnnTable(), 11, 8, false},
          {NarrowArchitecture("lcv-gahs-unet").table, 8, 12, true},
          {NarrowArchitecture("drunet").table, 16, 8, true},
          {NarrowArchitecture("oidn").table, 9, 18, true},
          {TwoSkips(), 12, 18, true},
          {Uncuttable(), 8, 12, false}};
}

torch::Tensor Input(const Case& c, torch::ScalarType type) {
  torch::manual_seed(4);
  return (torch::rand({1, c.table.InputChannels(), c.H, c.W}, type) - 0.3)
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

torch::Tensor ByAutograd(const TableNetwork& network, torch::Tensor x) {
  x.requires_grad_(true);
  const torch::Tensor y = network.forward(x).flatten();
  std::vector<torch::Tensor> rows;
  for (std::int64_t i = 0; i < y.numel(); ++i)
    rows.push_back(torch::autograd::grad({y[i]}, {x}, {}, true)[0].flatten());
  return torch::stack(rows);
}

TEST(NativeJacobian, IsAutogradsRowByRow) {
  for (const Case& c : Cases()) {
    const auto network = RandomNetwork(c.table);
    network->SetType(torch::kFloat64);
    EXPECT_EQ(FindCut(c.table).has_value(), c.cut) << c.table.Name();
    const torch::Tensor x = Input(c, torch::kFloat64);
    const torch::Tensor expected = ByAutograd(*network, x.clone());
    const LinearisedNetwork linear(*network, x);
    for (const std::int64_t block : {7, 1000})
      EXPECT_LT(RelativeDifference(
                    AllRows(*MakeNativeBlocks(linear, c.table.InputChannels(), block)), expected),
                kRounding64)
          << c.table.Name() << ", block " << block;
  }
}

TEST(NativeJacobian, IsTheSameInFloat32AndOfTheFirstChannelsAlone) {
  for (const Case& c : Cases()) {
    const auto network = RandomNetwork(c.table);
    network->SetType(torch::kFloat32);
    const torch::Tensor x = Input(c, torch::kFloat32);
    const torch::Tensor expected = ByAutograd(*network, x.clone());
    const torch::Tensor J = AllRows(*MakeNativeBlocks(LinearisedNetwork(*network, x), 1, 50));
    EXPECT_LT(RelativeDifference(J, expected.narrow(1, 0, c.H * c.W)), kRounding32)
        << c.table.Name();
  }
}

TEST(NativeJacobian, StopsWhenCancelled) {
  const Case c = Cases().front();
  const auto network = RandomNetwork(c.table);
  network->SetType(torch::kFloat32);
  const LinearisedNetwork linear(*network, Input(c, torch::kFloat32));
  RequestCancel();
  EXPECT_THROW(MakeNativeBlocks(linear, 1, 50), Interrupted);
  ClearCancel();
}

TEST(LinearisedNetwork, AppliesTheJacobianAndItsTranspose) {
  for (const Case& c : Cases()) {
    const auto network = RandomNetwork(c.table);
    network->SetType(torch::kFloat64);
    const torch::Tensor x = Input(c, torch::kFloat64);
    const torch::Tensor J = ByAutograd(*network, x.clone());
    const LinearisedNetwork linear(*network, x);
    EXPECT_TRUE(torch::equal(linear.Output(), network->forward(x))) << c.table.Name();
    const torch::Tensor v = torch::randn({3, c.table.InputChannels(), c.H, c.W}, torch::kFloat64);
    const torch::Tensor u = torch::randn({3, c.table.OutputChannels(), c.H, c.W}, torch::kFloat64);
    const torch::Tensor keep_v = v.clone(), keep_u = u.clone();
    EXPECT_LT(RelativeDifference(linear.Apply(v).flatten(1), v.flatten(1).matmul(J.t())),
              kRounding64)
        << c.table.Name();
    EXPECT_LT(RelativeDifference(linear.ApplyTranspose(u).flatten(1), u.flatten(1).matmul(J)),
              kRounding64)
        << c.table.Name();
    EXPECT_TRUE(torch::equal(v, keep_v) && torch::equal(u, keep_u)) << "arguments were changed";
  }
}

// Every reading, conditioned or not, against the engine that serves any denoiser.
TEST(DenseJacobian, ThroughTheTableIsAutograds) {
  for (const char* preset : {"conditioned", "blind"})
    for (const Prediction p : {Prediction::kX0, Prediction::kResidual, Prediction::kEdm}) {
      ModelDescription d = TinyDescription(preset, 3, 3);
      d.parameterisation.prediction = p;
      d.parameterisation.data_rms = 0.3;
      const auto denoiser = TinyDenoiser(d);
      denoiser->SetType(torch::kFloat64);
      torch::manual_seed(4);
      const torch::Tensor y = torch::rand({3, 12, 8}, torch::kFloat64);
      const JacobianAt native = DenseJacobian(*denoiser, y, 0.4);
      const JacobianAt autograd = DenseJacobian(*denoiser, y, 0.4, {16, DenseEngine::kAutograd});
      EXPECT_LT(RelativeDifference(native.J, autograd.J), kRounding64) << preset;
      EXPECT_LT(RelativeDifference(native.denoised, autograd.denoised), kRounding64) << preset;
    }
}

}  // namespace
}  // namespace denoscope
