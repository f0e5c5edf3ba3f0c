#include "denoscope/denoise/parameterisation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/arrays/npy.h"
#include "denoscope/denoise/model_folder.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "tests/support/difference.h"
#include "tests/support/expect_error.h"
#include "tests/support/gaussian_network.h"
#include "tests/support/python.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

// Solutions of 20 x 20 systems of condition 1e4 in float64.
constexpr double kSolved = 1e-9;

// Every prediction with every way to be told of the noise, on other ranges of pixels.
std::vector<Parameterisation> EveryReading() {
  std::vector<Parameterisation> all;
  for (const std::string& prediction : NamesOf<Prediction>())
    for (const std::string& input : NamesOf<SigmaInput>()) {
      Parameterisation p;
      p.prediction = FromName<Prediction>(prediction);
      p.sigma_input = FromName<SigmaInput>(input);
      if (p.sigma_input == SigmaInput::kNone) continue;
      if (p.sigma_input == SigmaInput::kTimestep) p.schedule = NoiseSchedule::Linear();
      all.push_back(p);
      p.range = {-1, 1};
      all.push_back(p);
      p.range = {0, 255};
      p.data_rms = 120;
      if (p.sigma_input != SigmaInput::kTimestep) p.sigma_scale = 1 / 255.0;
      all.push_back(p);
    }
  return all;
}

std::string Text(const Parameterisation& p) {
  return fmt::format(
      "{}, {}, {} to {}", NameOf(p.prediction), SigmaInputText(p), p.range.low, p.range.high);
}

// A noise level on the [0,1] scale that every reading can be told of: one of the schedule's.
double Sigma(const Parameterisation& p, std::size_t timestep) {
  return std::exp(NoiseSchedule::Linear().LogSigmas()[timestep]) / p.range.Width();
}

TEST(Parameterisation, OfAGaussiansOptimumGivesWienersEstimate) {
  const GaussianTruth truth = RandomGaussian(4, 5);
  const torch::Tensor y = torch::rand({2, 1, 4, 5}, torch::kFloat64);
  for (const Parameterisation& p : EveryReading()) {
    const auto denoiser = GaussianDenoiser(truth, p, p);
    for (const std::size_t t : {20, 300, 700}) {
      const double sigma = Sigma(p, t);
      EXPECT_LT(LargestDifference(denoiser->Denoise(y, sigma), truth.Wiener(y, sigma)), kSolved)
          << Text(p) << " at timestep " << t;
    }
  }
}

TEST(Parameterisation, OfAGaussiansOptimumGivesWienersMatrix) {
  const GaussianTruth truth = RandomGaussian(4, 5);
  const torch::Tensor y = torch::rand({1, 4, 5}, torch::kFloat64);
  for (const Parameterisation& p : EveryReading()) {
    const auto denoiser = GaussianDenoiser(truth, p, p);
    const double sigma = Sigma(p, 300);
    const torch::Tensor J = DenseJacobian(*denoiser, y, sigma).J;
    EXPECT_LT(LargestDifference(J, truth.WienerMatrix(sigma)), kSolved) << Text(p);
  }
}

TEST(Parameterisation, OtherNoiseLevelsInOneBatchAreTheirOwn) {
  const GaussianTruth truth = RandomGaussian(4, 5);
  const torch::Tensor y = torch::rand({2, 1, 4, 5}, torch::kFloat64);
  for (const Parameterisation& p : EveryReading()) {
    const auto denoiser = GaussianDenoiser(truth, p, p);
    const double first = Sigma(p, 300), second = Sigma(p, 600);
    const torch::Tensor both =
        denoiser->Denoise(y, torch::tensor({first, second}, torch::kFloat64));
    const torch::Tensor apart = torch::cat(
        {denoiser->Denoise(y.slice(0, 0, 1), first), denoiser->Denoise(y.slice(0, 1, 2), second)});
    EXPECT_LT(LargestDifference(both, apart), kSolved) << Text(p);
  }
}

// A table's J goes through its linearisation, c_skip I + c_out c_in F'.
TEST(Parameterisation, OfATableLinearisedIsThatByAutograd) {
  for (const std::string& prediction : NamesOf<Prediction>())
    for (const ValueRange& range : {ValueRange{0, 1}, ValueRange{-1, 1}}) {
      ModelDescription d = TinyDescription("conditioned");
      d.parameterisation.prediction = FromName<Prediction>(prediction);
      d.parameterisation.range = range;
      const auto denoiser = TinyDenoiser(d);
      denoiser->SetType(torch::kFloat64);
      torch::manual_seed(3);
      const torch::Tensor y = torch::rand({1, 8, 12}, torch::kFloat64);
      JacobianOptions autograd;
      autograd.engine = DenseEngine::kAutograd;
      EXPECT_LT(LargestDifference(DenseJacobian(*denoiser, y, 0.3).J,
                                  DenseJacobian(*denoiser, y, 0.3, autograd).J),
                1e-12)
          << prediction;
    }
}

TEST(Parameterisation, AClampedInputHasNoDerivativeOutsideItsRange) {
  ModelDescription d = TinyDescription("conditioned");
  const torch::Tensor y = torch::linspace(-0.5, 1.5, 96).view({1, 8, 12});
  const auto open = TinyDenoiser(d);
  d.parameterisation.clamp_input = true;
  const auto clamped = TinyDenoiser(d);
  EXPECT_TRUE(torch::equal(clamped->Denoise(y.unsqueeze(0), 0.3),
                           open->Denoise(y.clamp(0, 1).unsqueeze(0), 0.3)));
  const torch::Tensor J = DenseJacobian(*clamped, y, 0.3).J;
  const torch::Tensor outside = ((y < 0) | (y > 1)).flatten();
  EXPECT_EQ(J.index({torch::indexing::Slice(), outside}).abs().max().item<double>(), 0);
  const torch::Tensor inside = DenseJacobian(*open, y.clamp(0, 1), 0.3).J;
  EXPECT_LT(LargestDifference(J.index({torch::indexing::Slice(), ~outside}),
                              inside.index({torch::indexing::Slice(), ~outside})),
            1e-5);
}

TEST(Parameterisation, WhatDoesNotGoTogetherIsNamed) {
  const auto refused = [](const std::function<void(Parameterisation&)>& change,
                          std::initializer_list<std::string> pieces) {
    Parameterisation p;
    change(p);
    ExpectError([&] { p.Check(); }, pieces);
  };
  refused([](Parameterisation& p) { p.sigma_input = SigmaInput::kTimestep; },
          {"timestep", "needs a schedule"});
  refused([](Parameterisation& p) { p.schedule = NoiseSchedule::Linear(); },
          {"log-map", "no use for a schedule"});
  refused([](Parameterisation& p) { p.range = {1, -1}; }, {"value range", "1 to -1"});
  refused([](Parameterisation& p) { p.data_rms = 0; }, {"data_rms", "positive"});
  refused([](Parameterisation& p) { p.sigma_scale = -2; }, {"scale", "positive", "-2"});
}

TEST(Parameterisation, GoesToJsonAndBack) {
  for (Parameterisation p : EveryReading()) {
    p.clamp_input = true;
    Json json;
    AddToJson(p, json);
    const Parameterisation back = ParameterisationFromJson(json, "m.json");
    Json again;
    AddToJson(back, again);
    EXPECT_EQ(json, again);
    EXPECT_EQ(back.range.high, p.range.high);
    EXPECT_EQ(back.sigma_scale, p.sigma_scale);
    EXPECT_TRUE(back.clamp_input);
    ASSERT_EQ(back.schedule.has_value(), p.schedule.has_value());
    if (!p.schedule) continue;
    EXPECT_EQ(back.schedule->AlphaBar(), p.schedule->AlphaBar());
  }
}

// Traced in Python, as such models come: the parameterisation's formula there against ours here.
class TracedInPython : public testing::Test {
 protected:
  // `network` makes F of (x, t); `formula` D of y and sigma from F, on the [0,1] scale.
  void Check(const std::string& network, const std::string& formula, const FileReading& reading) {
    const PythonResult python = RunTorch(temp_, R"(
torch.manual_seed(1)
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Conv2d(1, 8, 3, padding=1)
        self.b = torch.nn.Conv2d(8, 1, 3, padding=1)
    def forward(self, x, t):
        e = )" + network + R"(
        return self.b(torch.nn.functional.silu(self.a(x) + e.view(-1, 1, 1, 1)))
net = Net().double()
betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
abar = torch.cumprod(1 - betas, 0)
def D(y):
    )" + formula + R"(
y = torch.rand(1, 1, 6, 7).double()
J = torch.autograd.functional.jacobian(D, y).reshape(42, 42)
np.save('y.npy', y.numpy()); np.save('D.npy', D(y).detach().numpy()); np.save('J.npy', J.numpy())
np.save('sigma.npy', np.array([float(sigma_of())]))
net = net.float()
torch.jit.trace(net, (torch.rand(1, 1, 6, 7), torch.tensor([5.0]))).save('net.pt')
)");
    ASSERT_EQ(python.status, 0) << python.output;
    const auto model = LoadModelFile(temp_.Path("net.pt"), reading);
    const torch::Tensor y = ToTensor(ReadNpy(temp_.Path("y.npy"))).to(torch::kFloat32);
    const double sigma = ToTensor(ReadNpy(temp_.Path("sigma.npy"))).item<double>();
    constexpr double kFloatRounding = 1e-5;
    EXPECT_LT(LargestDifference(model.denoiser->Denoise(y, sigma),
                                ToTensor(ReadNpy(temp_.Path("D.npy"))).to(torch::kFloat32)),
              kFloatRounding);
    EXPECT_LT(LargestDifference(DenseJacobian(*model.denoiser, y[0], sigma).J,
                                ToTensor(ReadNpy(temp_.Path("J.npy"))).to(torch::kFloat32)),
              kFloatRounding);
  }
  void SetUp() override {
    if (!TorchPython()) GTEST_SKIP() << "no python3 with torch";
  }

  static FileReading Reading(Prediction prediction, SigmaInput input) {
    FileReading reading;
    reading.prediction = prediction;
    reading.sigma_input = input;
    reading.range = ValueRange{-1, 1};
    if (input == SigmaInput::kTimestep) reading.schedule = NoiseSchedule::Linear();
    return reading;
  }
  const std::string timestep_ = "torch.sin(t / 1000)";

 private:
  TempDir temp_;
};

TEST_F(TracedInPython, EpsOfATimestepOnMinusOneToOne) {
  Check(timestep_,
        R"(
    t = 300; x_t = abar[t].sqrt() * (2 * y - 1)
    eps = net(x_t, torch.tensor([float(t)]).double())
    return ((x_t - (1 - abar[t]).sqrt() * eps) / abar[t].sqrt() + 1) / 2
sigma_of = lambda: ((1 - abar[300]) / abar[300]).sqrt() / 2
)",
        Reading(Prediction::kEps, SigmaInput::kTimestep));
}

TEST_F(TracedInPython, VOfATimestepOnMinusOneToOne) {
  Check(timestep_,
        R"(
    t = 450; x_t = abar[t].sqrt() * (2 * y - 1)
    v = net(x_t, torch.tensor([float(t)]).double())
    return (abar[t].sqrt() * x_t - (1 - abar[t]).sqrt() * v + 1) / 2
sigma_of = lambda: ((1 - abar[450]) / abar[450]).sqrt() / 2
)",
        Reading(Prediction::kV, SigmaInput::kTimestep));
}

TEST_F(TracedInPython, ScoreOfSigmaOnMinusOneToOne) {
  Check("torch.log(t)",
        R"(
    s = 0.4; v = 2 * y - 1
    return (v + s ** 2 * net(v, torch.tensor([s]).double()) + 1) / 2
sigma_of = lambda: 0.2
)",
        Reading(Prediction::kScore, SigmaInput::kScalar));
}

TEST_F(TracedInPython, EdmOfItsLogarithmOnMinusOneToOne) {
  Check("torch.sin(t)",
        R"(
    s, q = 0.6, 0.5; v = 2 * y - 1; scale = (s ** 2 + q ** 2) ** 0.5
    F = net(v / scale, torch.tensor([np.log(s) / 4]).double())
    return ((q / scale) ** 2 * v + s * q / scale * F + 1) / 2
sigma_of = lambda: 0.3
)",
        Reading(Prediction::kEdm, SigmaInput::kLog));
}

}  // namespace
}  // namespace denoscope
