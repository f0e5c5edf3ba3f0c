// Published architectures against twins in Python: modules of PyTorch that write their weights, an
// image and its estimate.
#include "denoscope/denoise/published_architectures.h"

#include <gtest/gtest.h>

#include <sstream>

#include "denoscope/arrays/npy.h"
#include "denoscope/denoise/model_folder.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/pretrained.h"
#include "tests/support/published_networks.h"
#include "tests/support/python.h"
#include "tests/support/tza_writer.h"

namespace denoscope {
namespace {

// Float32 convolutions in another order of summation.
constexpr double kFloatRounding = 1e-5;
constexpr double kSigma = 0.15;

// net is a module, D(net, y, sigma) its estimate; scalings and biases are drawn too.
constexpr const char* kFinish = R"(
with torch.no_grad():
    for name, p in net.state_dict().items():
        if name.endswith(("running_sd", "gammas")):
            p.uniform_(0.5, 1.5)
        elif p.dim() == 1:
            p.normal_(0, 0.2)
    torch.save(net.state_dict(), "net.pt")
    y = torch.rand(shape)
    np.save("y.npy", y.numpy())
    np.save("d.npy", D(net, y, sigma).numpy())
)";

class Twin : public testing::Test {
 protected:
  void SetUp() override {
    if (!TorchPython()) GTEST_SKIP() << "no python3 with torch";
  }

  void Run(const std::string& definition, const std::string& ending = kFinish) const {
    const PythonResult result = RunTorch(temp_,
                                         "from torch import nn\nfrom torch.nn import functional as "
                                         "F\ntorch.manual_seed(3)\nsigma = 0.15\n" +
                                             definition + ending);
    ASSERT_EQ(result.status, 0) << result.output;
  }

  // Recognised by its tensors, its estimate is the twin's.
  void ExpectSame(const std::string& architecture, const std::string& file = "net.pt") const {
    const torch::NoGradGuard no_gradient;
    const LoadedModel model = LoadModelFile(temp_.Path(file), {});
    EXPECT_EQ(model.description.architecture, architecture);
    ExpectSameEstimate(*model.denoiser);
  }
  void ExpectSameEstimate(const NetworkDenoiser& denoiser) const {
    const torch::Tensor y = ToTensor(ReadNpy(temp_.Path("y.npy")));
    const torch::Tensor expected = ToTensor(ReadNpy(temp_.Path("d.npy")));
    const torch::Tensor D = denoiser.Denoise(y, kSigma);
    EXPECT_LT(((D - expected).abs().max() / expected.abs().max()).item<double>(), kFloatRounding);
    EXPECT_GT((expected.max() - expected.min()).item<double>(), 1e-2) << "a twin that says nothing";
  }

  TempDir temp_;
};

constexpr const char* kOidn = R"(
class Oidn(nn.Module):
    def __init__(self, enc, dec):
        super().__init__()
        e0, e1, e2, e3, e4, e5a, e5b = enc
        d4a, d4b, d3a, d3b, d2a, d2b, d1a, d1b = dec
        for name, i, o in [("enc_conv0", 3, e0), ("enc_conv1", e0, e1), ("enc_conv2", e1, e2),
                           ("enc_conv3", e2, e3), ("enc_conv4", e3, e4), ("enc_conv5a", e4, e5a),
                           ("enc_conv5b", e5a, e5b), ("dec_conv4a", e5b + e3, d4a),
                           ("dec_conv4b", d4a, d4b), ("dec_conv3a", d4b + e2, d3a),
                           ("dec_conv3b", d3a, d3b), ("dec_conv2a", d3b + e1, d2a),
                           ("dec_conv2b", d2a, d2b), ("dec_conv1a", d2b + 3, d1a),
                           ("dec_conv1b", d1a, d1b), ("dec_conv0", d1b, 3)]:
            self.add_module(name, nn.Conv2d(i, o, 3, padding=1))
            nn.init.kaiming_normal_(getattr(self, name).weight)

    def forward(self, y):
        conv = lambda name, v: torch.relu(getattr(self, name)(v))
        H, W = y.shape[2:]
        x = F.pad(y, (0, -W % 16, 0, -H % 16))
        levels = [x]
        x = conv("enc_conv0", x)
        for l in "1234":
            x = F.max_pool2d(conv("enc_conv" + l, x), 2)
            levels.append(x)
        levels.pop()
        x = conv("enc_conv5b", conv("enc_conv5a", x))
        for l in "4321":
            x = torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), levels.pop()], 1)
            x = conv("dec_conv" + l + "b", conv("dec_conv" + l + "a", x))
        return conv("dec_conv0", x)[:, :, :H, :W]

D = lambda net, y, sigma: net(y)
shape = (1, 3, 21, 34)
)";

TEST_F(Twin, OfOidnHasTheSameEstimate) {
  Run(std::string(kOidn) +
      "net = Oidn((4, 5, 6, 7, 8, 9, 10), (11, 12, 13, 14, 15, 16, 17, 18))\n");
  ExpectSame("oidn");
}

// The library's own file, which the twin reads by itself.
TEST_F(Twin, OfOidnHasTheSameEstimateWithPublishedWeights) {
  DENOSCOPE_NEEDS_OIDN("rt_ldr.tza");
  for (const char* name : {"rt_ldr.tza", "rt_ldr_small.tza"}) {
    Run(std::string(kOidn) + fmt::format("content = open('{}', 'rb').read()", OidnPath(name)),
        R"(
import struct
def take(form):
    global at
    values = struct.unpack_from("<" + form, content, at)
    at += struct.calcsize("<" + form)
    return values
at = 4
at, = take("Q")
state = {}
for _ in range(take("I")[0]):
    name = take("%ds" % take("H"))[0].decode()
    rank, = take("B")
    dims, _, kind, begin = take("%dI" % rank), take("%ds" % rank), take("c")[0], take("Q")[0]
    assert kind == b"h"
    w = np.frombuffer(content, np.float16, int(np.prod(dims)), begin).astype(np.float32)
    state[name] = torch.from_numpy(w.reshape(dims))
out = lambda *names: [len(state[name + ".bias"]) for name in names]
net = Oidn(out(*["enc_conv" + l for l in "0 1 2 3 4 5a 5b".split()]),
           out(*["dec_conv" + l for l in "4a 4b 3a 3b 2a 2b 1a 1b".split()]))
net.load_state_dict(state)
with torch.no_grad():
    y = 0.5 + 0.1 * torch.randn(shape)
    np.save("y.npy", y.numpy())
    np.save("d.npy", net(y).numpy())
)");
    const torch::NoGradGuard no_gradient;
    const LoadedModel model = LoadModelFile(OidnPath(name), {});
    EXPECT_EQ(model.description.architecture, "oidn");
    ExpectSameEstimate(*model.denoiser);
    // Read as published it denoises: the picture behind y is 1/2 everywhere.
    const torch::Tensor y = ToTensor(ReadNpy(temp_.Path("y.npy")));
    const double error = (model.denoiser->Denoise(y, kSigma) - 0.5).square().mean().item<double>();
    EXPECT_LT(error, 0.5 * 0.1 * 0.1) << name;
  }
}

constexpr const char* kDrunet = R"(
class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.res = nn.Sequential(nn.Conv2d(c, c, 3, padding=1, bias=False), nn.ReLU(),
                                 nn.Conv2d(c, c, 3, padding=1, bias=False))

    def forward(self, x):
        return x + self.res(x)

class Drunet(nn.Module):
    def __init__(self, C, f):
        super().__init__()
        conv = lambda i, o: nn.Conv2d(i, o, 3, padding=1, bias=False)
        blocks = lambda c: [Block(c) for _ in range(4)]
        self.m_head, self.m_tail = conv(C + 1, f[0]), conv(f[0], C)
        for l in (1, 2, 3):
            a, b = f[l - 1], f[l]
            down = nn.Conv2d(a, b, 2, stride=2, bias=False)
            up = nn.ConvTranspose2d(b, a, 2, stride=2, bias=False)
            self.add_module("m_down%d" % l, nn.Sequential(*blocks(a), down))
            self.add_module("m_up%d" % l, nn.Sequential(up, *blocks(a)))
        self.m_body = nn.Sequential(*blocks(f[3]))

    def forward(self, x):
        skips = [self.m_head(x)]
        for down in (self.m_down1, self.m_down2, self.m_down3):
            skips.append(down(skips[-1]))
        x = self.m_body(skips[3])
        for up, skip in zip((self.m_up3, self.m_up2, self.m_up1), skips[:0:-1]):
            x = up(x + skip)
        return self.m_tail(x + skips[0])

D = lambda net, y, sigma: net(torch.cat([y, torch.full_like(y[:, :1], sigma)], 1))
)";

TEST_F(Twin, OfDrunetHasTheSameEstimate) {
  for (const int channels : {1, 3}) {
    Run(std::string(kDrunet) +
        fmt::format("net, shape = Drunet({0}, (8, 16, 32, 64)), (1, {0}, 16, 24)\n", channels));
    ExpectSame("drunet");
  }
}

// Zhang et al. 2021: 32.64 M parameters.
TEST(Drunet, HasThePublishedSize) {
  for (const auto& [channels, expected] : {std::pair{1, 32638656L}, {3, 32640960L}}) {
    const TensorInfos tail = {{"m_tail.weight", {ElementType::kFloat32, {channels, 64, 3, 3}}}};
    std::int64_t count = 0;
    for (const auto& [name, shape] : FindPublishedArchitecture("drunet", tail).table.Parameters())
      count += ElementCount(shape);
    EXPECT_EQ(count, expected);
  }
}

constexpr const char* kDncnn = R"(
def Dncnn(C, features, depth, bias):
    conv = lambda i, o: nn.Conv2d(i, o, 3, padding=1, bias=bias)
    layers = [conv(C, features), nn.ReLU()]
    for _ in range(depth - 2):
        layers += [conv(features, features), nn.ReLU()]
    net = nn.Module()
    net.model = nn.Sequential(*layers, conv(features, C))
    for p in net.parameters():
        if p.dim() == 4:
            nn.init.kaiming_normal_(p)
    return net

D = lambda net, y, sigma: y - net.model(y)
)";

TEST_F(Twin, OfDncnnHasTheSameEstimate) {
  for (const auto& [depth, bias] : {std::pair{17, "True"}, {20, "True"}, {20, "False"}}) {
    Run(std::string(kDncnn) +
        fmt::format("net, shape = Dncnn(3, 6, {}, {}), (1, 3, 13, 18)\n", depth, bias));
    ExpectSame("kair-dncnn");
    const LoadedModel model = LoadModelFile(temp_.Path("net.pt"), {});
    EXPECT_EQ(model.denoiser->Traits().receptive_field, 2 * depth + 1);
    EXPECT_EQ(model.denoiser->Traits().homogeneous, bias == std::string("False"));
  }
}

constexpr const char* kGahs = R"(
class Scaling(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.register_buffer("running_sd", torch.ones(1, c, 1, 1))
        self.gammas = nn.Parameter(torch.ones(1, c, 1, 1))

    def forward(self, x):
        return self.gammas * (x / self.running_sd)

class Gahs(nn.Module):
    def __init__(self, C, f, levels, enc, mid, dec):
        super().__init__()
        conv = lambda i, o: nn.Conv2d(i, o, 3, padding=1, bias=False)
        def block(i, o, n):
            layers = []
            for k in range(n):
                layers += [conv(o if k else i, o), Scaling(o), nn.ReLU()]
            return layers
        width = [f * 2**b for b in range(levels + 1)]
        self.encoder, self.decoder, self.upsample = (nn.ModuleDict() for _ in range(3))
        for b in range(levels):
            c = width[b]
            if b == 0:
                layers = [conv(C, c), nn.ReLU()] + block(c, c, enc - 1)
            else:
                layers = block(c // 2, c, enc)
            self.encoder[str(b)] = nn.Sequential(*layers)
            last = block(2 * c, c, dec) if b else block(2 * c, c, dec - 1) + [conv(c, C)]
            self.decoder[str(b)] = nn.Sequential(*last)
            self.upsample[str(b)] = nn.ConvTranspose2d(2 * c, c, 2, stride=2, bias=False)
        self.mid_block = nn.Sequential(*block(width[-2], width[-1], mid))

    def forward(self, x):
        skips = []
        for b in range(len(self.encoder)):
            skips.append(self.encoder[str(b)](x))
            x = F.avg_pool2d(skips[-1], 2)
        x = self.mid_block(x)
        for b in reversed(range(len(skips))):
            x = torch.cat([self.upsample[str(b)](x), skips[b]], 1)
            x = self.decoder[str(b)](x)
        return x

D = lambda net, y, sigma: y - net(y)
)";

TEST_F(Twin, OfGahsUnetHasTheSameEstimate) {
  for (const char* sizes : {"1, 4, 3, 2, 2, 2", "3, 5, 2, 3, 3, 4"}) {
    Run(std::string(kGahs) +
        fmt::format("net = Gahs({0})\nshape = (1, ({0})[0], 16, 24)\n", sizes));
    ExpectSame("lcv-gahs-unet");
  }
}

// Sizes come from the file, but the message of what differs stays.
TEST(PublishedArchitecture, OfOtherTensorsSaysWhatDiffers) {
  const TempDir folder;
  const auto network = [&](std::vector<TzaTensor> tensors, const std::string& architecture) {
    WriteFile(folder.Path("x.tza"), TzaFileOf(tensors));
    return LoadModelFile(folder.Path("x.tza"), {architecture, "", {}});
  };
  const TzaTensor wide = TzaFloat("enc_conv0.weight", "oihw", {2, 9, 1, 1}, std::vector<float>(18));
  const TzaTensor other = TzaFloat("head", "x", {1}, {0});
  ExpectError(
      [&] {
        network({wide, other}, "oidn");
      },
      {folder.Path("x.tza").string(),
       "tensor 'enc_conv0.weight' has shape [2,9,1,1], expected [2,3,3,3]",
       "tensor 'enc_conv0.bias' [2] is missing",
       "tensor 'enc_conv1.weight' [32,2,3,3] is missing",
       "tensor 'dec_conv0.bias' [3] is missing",
       "tensor 'head' [1] is not in the network"});
  ExpectError([&] { network({wide, other}, ""); }, {"2 tensors that fit none", "oidn", "--arch"});
}

// Extents that no network has, in a tensor without data: nothing is made of them, and no sum
// overflows.
TEST(PublishedArchitecture, KeepsToThePublishedSizesWhereTensorsTellNone) {
  for (const std::string& name : PublishedArchitectureNames()) {
    TensorInfos weights = FewFeatures(name);
    for (const Shape& shape : {Shape{1L << 62, 1L << 62, 0, 3}, Shape{0, 0, 3, 3}, Shape{}}) {
      for (auto& [tensor, info] : weights) info.shape = shape;
      for (const auto& [tensor, expected] :
           FindPublishedArchitecture(name, weights).table.Parameters())
        for (const std::int64_t extent : expected) EXPECT_LE(extent, 2048) << name << " " << tensor;
    }
  }
}

}  // namespace
}  // namespace denoscope
