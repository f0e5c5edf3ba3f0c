#include "denoscope/denoise/script_network.h"

#include <gtest/gtest.h>
#include <torch/script.h>

#include <limits>

#include "denoscope/arrays/npy.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"
#include "tests/support/difference.h"
#include "tests/support/expect_error.h"
#include "tests/support/published_networks.h"
#include "tests/support/python.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

// The same float32 convolutions, perhaps in another order of summation.
constexpr double kSame = 1e-6;
// Between two builds of the library, whose kernels sum in other orders: float32 through some 60
// layers, of the largest pixel.
constexpr double kRounding = 1e-5;

class ScriptFile : public testing::Test {
 protected:
  TempDir temp_;

  // A module of this source and these parameters, as somebody else might have saved it.
  std::filesystem::path Saved(const std::string& source,
                              const std::map<std::string, torch::Tensor>& parameters = {}) const {
    torch::jit::Module module("theirs");
    for (const auto& [name, value] : parameters) module.register_parameter(name, value, false);
    module.define(source);
    module.save(temp_.Path("theirs.pt").string());
    return temp_.Path("theirs.pt");
  }
  std::filesystem::path Exported(const NetworkDenoiser& denoiser) const {
    ExportTorchScript(denoiser, temp_.Path("exported.pt"));
    return temp_.Path("exported.pt");
  }
};

// Two images of a shape that it takes.
torch::Tensor Images(const DenoiserTraits& traits) {
  const std::int64_t m = std::max<std::int64_t>(traits.size_multiple, 4);
  const ImageShape shape = traits.fixed_shape.value_or(ImageShape{traits.channels, 2 * m, 3 * m});
  return torch::rand({2, shape.C, shape.H, shape.W});
}

std::vector<std::unique_ptr<NetworkDenoiser>> OneOfEachKind() {
  std::vector<std::unique_ptr<NetworkDenoiser>> denoisers;
  ModelDescription edm = TinyDescription("conditioned", 3);
  edm.parameterisation.data_rms = 0.4;
  denoisers.push_back(TinyDenoiser(edm));
  for (const char* kind : {"blind", "attention", "blind-batchnorm", "dncnn"})
    denoisers.push_back(TinyDenoiser(TinyDescription(kind, 2)));
  ModelDescription linear = TinyDescription("linear");
  linear.linear.images = {3, 9, 9};
  denoisers.push_back(TinyDenoiser(linear));
  ModelDescription unconditioned_edm = edm;
  unconditioned_edm.unet.sigma_map = false;
  unconditioned_edm.parameterisation.sigma_input = SigmaInput::kNone;
  denoisers.push_back(TinyDenoiser(unconditioned_edm));
  for (const std::string& name : PublishedArchitectureNames()) {
    const PublishedArchitecture published = NarrowArchitecture(name);
    denoisers.push_back(std::make_unique<NetworkDenoiser>(
        name, RandomNetwork(published.table), published.parameterisation, std::nullopt));
  }
  return denoisers;
}

TEST_F(ScriptFile, ExportedAndLoadedAgainHasTheSameEstimateAndTraits) {
  const torch::NoGradGuard no_gradient;
  for (const auto& denoiser : OneOfEachKind()) {
    const LoadedModel model = LoadModelFile(Exported(*denoiser), {});
    const DenoiserTraits &ours = denoiser->Traits(), &theirs = model.denoiser->Traits();
    EXPECT_EQ(theirs.channels, ours.channels) << ours.name;
    EXPECT_EQ(theirs.conditioned, ours.conditioned) << ours.name;
    EXPECT_EQ(theirs.size_multiple, ours.size_multiple) << ours.name;
    EXPECT_EQ(theirs.fixed_shape.has_value(), ours.fixed_shape.has_value()) << ours.name;
    const torch::Tensor y = Images(ours);
    const torch::Tensor sigma = torch::tensor({0.05, 0.8});
    EXPECT_LT(RelativeDifference(model.denoiser->Denoise(y, sigma), denoiser->Denoise(y, sigma)),
              kSame)
        << ours.name;
  }
}

TEST_F(ScriptFile, ComputesInFloat64OnRequest) {
  const torch::NoGradGuard no_gradient;
  const auto denoiser = TinyDenoiser(TinyDescription("conditioned"));
  const LoadedModel model = LoadModelFile(Exported(*denoiser), {});
  denoiser->SetType(torch::kFloat64);
  model.denoiser->SetType(torch::kFloat64);
  const torch::Tensor y = torch::rand({1, 1, 8, 8}, torch::kFloat64);
  EXPECT_LT(RelativeDifference(model.denoiser->Denoise(y, 0.3), denoiser->Denoise(y, 0.3)), 1e-13);
}

TEST_F(ScriptFile, PythonGivesTheSameEstimate) {
  if (!TorchPython()) GTEST_SKIP() << "no python3 with torch";
  const torch::NoGradGuard no_gradient;
  std::string snippet;
  std::vector<torch::Tensor> ours;
  for (const auto& denoiser : OneOfEachKind()) {
    const std::size_t i = ours.size();
    const torch::Tensor y = Images(denoiser->Traits());
    ExportTorchScript(*denoiser, temp_.Path(fmt::format("{}.pt", i)));
    WriteNpy(temp_.Path(fmt::format("y{}.npy", i)), ToArray(y));
    ours.push_back(denoiser->Denoise(y, 0.3));
    snippet += fmt::format(
        "y, m = torch.from_numpy(np.load('y{0}.npy')), torch.jit.load('{0}.pt')\nd = {1}\n"
        "assert torch.equal(d, n)\nnp.save('d{0}.npy', d.detach().numpy())\n",
        i,
        denoiser->Traits().conditioned
            ? "m(y, torch.tensor([0.3])); n = m(y, torch.tensor([0.3, 0.3]))"
            : "m(y); n = m.eval()(y)");
  }
  const PythonResult python = RunTorch(temp_, snippet);
  ASSERT_EQ(python.status, 0) << python.output;
  for (std::size_t i = 0; i < ours.size(); ++i)
    EXPECT_LT(RelativeDifference(ours[i], ToTensor(ReadNpy(temp_.Path(fmt::format("d{}.npy", i))))),
              kRounding * ours[i].abs().max().item<double>())
        << "denoiser " << i << ", as a share of its largest pixel";
}

TEST_F(ScriptFile, TracedInPythonIsRead) {
  if (!TorchPython()) GTEST_SKIP() << "no python3 with torch";
  const torch::NoGradGuard no_gradient;
  const PythonResult python = RunTorch(temp_, R"(
torch.manual_seed(0)
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.SiLU(),
            torch.nn.Conv2d(8, 3, 3, padding=1))
    def forward(self, x, sigma):
        return x - sigma.view(-1, 1, 1, 1) * self.body(x)
net = Net().eval()
x, sigma = torch.rand(2, 3, 16, 12), torch.tensor([0.1, 0.5])
torch.jit.trace(net, (x, sigma)).save('traced.pt')
np.save('x.npy', x.numpy()); np.save('d.npy', net(x, sigma).detach().numpy())
)");
  ASSERT_EQ(python.status, 0) << python.output;
  const LoadedModel model = LoadModelFile(temp_.Path("traced.pt"), {});
  EXPECT_EQ(model.denoiser->Traits().channels, 3);
  EXPECT_TRUE(model.denoiser->Traits().conditioned);
  EXPECT_EQ(model.denoiser->Wrapped()->Weights().count("body.1.running_var"), 1u);
  const torch::Tensor D =
      model.denoiser->Denoise(ToTensor(ReadNpy(temp_.Path("x.npy"))), torch::tensor({0.1, 0.5}));
  EXPECT_LT(RelativeDifference(D, ToTensor(ReadNpy(temp_.Path("d.npy")))), kSame);
}

TEST_F(ScriptFile, ShapesAreFoundByTrying) {
  const auto traits = [](const std::filesystem::path& path) {
    return LoadModelFile(path, {}).denoiser->Traits();
  };
  const DenoiserTraits any = traits(Saved("def forward(self, x):\n  return 0.5 * x\n"));
  EXPECT_EQ(any.channels, 0);
  EXPECT_EQ(any.size_multiple, 1);
  EXPECT_FALSE(any.conditioned);
  const torch::Tensor w = torch::rand({5, 5, 1, 1});
  EXPECT_EQ(traits(Saved("def forward(self, x):\n  return torch.conv2d(x, self.w)\n", {{"w", w}}))
                .channels,
            5);
  EXPECT_EQ(traits(Saved("def forward(self, x):\n"
                         "  return torch.upsample_nearest2d(torch.avg_pool2d(x, 4), "
                         "[x.size(2) // 4 * 4, x.size(3) // 4 * 4])\n"))
                .size_multiple,
            4);
  const DenoiserTraits fixed = traits(Saved(
      "def forward(self, x):\n  return torch.matmul(x, self.w)\n", {{"w", torch::rand({28, 28})}}));
  ASSERT_TRUE(fixed.fixed_shape.has_value());
  EXPECT_EQ(fixed.fixed_shape->H, 28);
}

TEST_F(ScriptFile, ReadAsResidualSubtracts) {
  const torch::NoGradGuard no_gradient;
  const auto path = Saved("def forward(self, x):\n  return 0.25 * x\n");
  const torch::Tensor y = torch::rand({1, 2, 6, 6});
  const LoadedModel model = LoadModelFile(path, {"", "", Prediction::kResidual});
  EXPECT_TRUE(torch::allclose(model.denoiser->Denoise(y, 0.1), 0.75 * y));
  // Exported again, the raw network has become D.
  const LoadedModel again = LoadModelFile(Exported(*model.denoiser), {});
  EXPECT_TRUE(torch::allclose(again.denoiser->Denoise(y, 0.1), 0.75 * y));
}

TEST_F(ScriptFile, GoesIntoAFolderAndBack) {
  const torch::NoGradGuard no_gradient;
  const LoadedModel model =
      LoadModelFile(Saved("def forward(self, x, sigma):\n  return x / (1 + sigma[0])\n"),
                    {"", "", Prediction::kResidual});
  SaveModel(temp_.Path("folder"), model.description, *model.denoiser->Wrapped());
  const LoadedModel again = LoadModel(temp_.Path("folder"));
  const torch::Tensor y = torch::rand({1, 1, 6, 6});
  EXPECT_TRUE(torch::equal(again.denoiser->Denoise(y, 0.5), model.denoiser->Denoise(y, 0.5)));
  EXPECT_EQ(again.description.parameterisation.prediction, Prediction::kResidual);
}

TEST_F(ScriptFile, WithoutAUsableForwardIsRefused) {
  const auto refused = [&](const std::string& source, std::initializer_list<std::string> pieces) {
    const auto path = Saved(source);
    ExpectError([&] { LoadModelFile(path, {}); }, {path.string()});
    ExpectError([&] { LoadModelFile(path, {}); }, pieces);
  };
  refused("def other(self, x):\n  return x\n", {"expected a method forward(x)", "found none"});
  refused("def forward(self, x, s, t):\n  return x\n", {"expected forward(x)", "Tensor t"});
  refused("def forward(self, x, n: int):\n  return x\n", {"expected forward(x)", "int n"});
  refused("def forward(self, x):\n  return x, x\n", {"expected forward(x)", "(Tensor, Tensor)"});
  refused("def forward(self, x):\n  return x.flatten(1)\n", {"gives an output of shape [1,4096]"});
  refused("def forward(self, x):\n  assert x.size(0) == 0, \"no images wanted\"\n  return x\n",
          {"no images wanted"});
}

TEST_F(ScriptFile, WithAWeightThatIsNotFiniteNamesTensorAndEntry) {
  torch::Tensor w = torch::ones({1, 1, 3, 3});
  w.flatten()[4] = std::numeric_limits<float>::infinity();
  const auto path =
      Saved("def forward(self, x):\n  return torch.conv2d(x, self.w, None, 1, 1)\n", {{"w", w}});
  ExpectError([&] { LoadModelFile(path, {}); },
              {path.string(), "tensor 'w'", "entry 4 is inf, expected finite"});
}

TEST_F(ScriptFile, DamagedIsRefused) {
  const std::string whole = ReadFile(Saved("def forward(self, x):\n  return x\n"));
  const auto path = temp_.Path("damaged.pt");
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    WriteFile(path, whole.substr(0, size));
    ExpectError([&] { LoadModelFile(path, {}); }, {path.string()});
  }
  ExpectError([&] { LoadModelFile(temp_.Path("absent.pt"), {}); }, {"absent.pt"});
  ExpectError(
      [&] {
        LoadModelFile(temp_.Path("theirs.pt"), {"lcv-unet", "", {}});
      },
      {"theirs.pt", "a TorchScript file", "'lcv-unet'"});
}

}  // namespace
}  // namespace denoscope
