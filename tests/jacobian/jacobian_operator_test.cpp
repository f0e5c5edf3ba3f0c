#include "denoscope/jacobian/jacobian_operator.h"

#include <gtest/gtest.h>

#include "denoscope/denoise/script_network.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/coloured_jacobian.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "tests/support/difference.h"
#include "tests/support/expect_error.h"
#include "tests/support/pretrained.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

// Float32 sums of some hundred products.
constexpr double kFloatRounding = 1e-5;

torch::Tensor Image(at::IntArrayRef shape) {
  torch::manual_seed(4);
  return torch::rand(shape);
}

// J V and J^T U against the dense matrix; 70 columns go in two pieces.
void ExpectProducts(const Denoiser& denoiser, const torch::Tensor& y, double sigma) {
  const auto J = MakeJacobianOperator(denoiser, y, sigma);
  const Eigen::MatrixXf dense = ToMatrixF(DenseJacobian(denoiser, y, sigma).J);
  for (const Eigen::Index columns : {1, 5, 70}) {
    const Eigen::MatrixXf V = Eigen::MatrixXf::Random(dense.rows(), columns);
    EXPECT_LT(RelativeDifference(J->Apply(V), dense * V), kFloatRounding) << columns;
    EXPECT_LT(RelativeDifference(J->ApplyTranspose(V), dense.transpose() * V), kFloatRounding)
        << columns;
  }
}

TEST(JacobianOperator, OfATableIsTheMatrix) {
  ExpectProducts(*TinyDenoiser(TinyDescription("conditioned", 3)), Image({3, 10, 6}), 0.3);
  ExpectProducts(*TinyDenoiser(TinyDescription("blind")), Image({1, 8, 12}), 0.3);
}

TEST(JacobianOperator, OfAnyDenoiserIsTheMatrix) {
  TempDir temp;
  for (const char* preset : {"conditioned", "blind"}) {
    ExportTorchScript(*TinyDenoiser(TinyDescription(preset)), temp.Path("net.pt"));
    ExpectProducts(*LoadModelFile(temp.Path("net.pt"), {}).denoiser, Image({1, 8, 12}), 0.3);
  }
}

TEST(JacobianOperator, RefusesWhatHasNoDerivative) {
  TempDir temp;
  torch::jit::Module module("detached");
  module.define("def forward(self, x):\n  return x.detach().round()\n");
  module.save(temp.Path("net.pt").string());
  const LoadedModel model = LoadModelFile(temp.Path("net.pt"), {});
  const auto J = MakeJacobianOperator(*model.denoiser, Image({1, 4, 4}), 0.3);
  ExpectError([&] { J->ApplyTranspose(Eigen::MatrixXf::Ones(16, 1)); },
              {"jacobian of 'net'", "does not depend on the image"});
  ExpectError([&] { MakeJacobianOperator(*model.denoiser, Image({4, 4}), 0.3); }, {"(C,H,W)"});
}

// A network whose receptive field is known: three 3x3 layers.
std::unique_ptr<NetworkDenoiser> Local(std::int64_t channels) {
  NetworkTable t("local", channels);
  const auto a = t.Relu(t.Convolution("a", 0, 5, {3, 1}));
  const auto b = t.Relu(t.Convolution("b", a, 5, {3, 1}));
  t.Convolution("c", b, channels, {3, 1});
  return std::make_unique<NetworkDenoiser>(
      "local",
      RandomNetwork(t),
      Parameterisation{Prediction::kResidual, 0.5, SigmaInput::kNone},
      std::nullopt);
}

TEST(ColouredJacobian, IsTheDenseOneFromAsManyProductsAsTheFieldHasPixels) {
  for (const auto& [C, H, W] : {std::tuple{1L, 20L, 17L}, {3L, 9L, 16L}, {1L, 5L, 30L}}) {
    const auto denoiser = Local(C);
    EXPECT_EQ(denoiser->Traits().receptive_field, 7);
    const torch::Tensor y = Image({C, H, W});
    const auto J = MakeJacobianOperator(*denoiser, y, 0.3);
    const ColouredJacobian coloured = ColourJacobian(*J, {C, H, W}, 7);
    EXPECT_EQ(coloured.products, C * std::min(7L, H) * 7);
    const Eigen::MatrixXf dense = ToMatrixF(DenseJacobian(*denoiser, y, 0.3).J);
    EXPECT_LT(RelativeDifference(Eigen::MatrixXf(coloured.J), dense), 1e-6);
  }
}

TEST(ColouredJacobian, TheFieldIsFoundByProbing) {
  const auto local = Local(1);
  const auto J = MakeJacobianOperator(*local, Image({1, 20, 24}), 0.3);
  const FieldProbe probe = ProbeField(*J, {1, 20, 24});
  EXPECT_EQ(probe.field, 7);
  EXPECT_EQ(probe.rows, 16);
  EXPECT_NE(probe.certainty.find("7 x 7"), std::string::npos) << probe.certainty;

  const auto unet = TinyDenoiser(TinyDescription("blind", 1, 3));
  const FieldProbe global =
      ProbeField(*MakeJacobianOperator(*unet, Image({1, 16, 16}), 0.3), {1, 16, 16});
  EXPECT_FALSE(global.field.has_value());
  EXPECT_NE(global.certainty.find("dense"), std::string::npos) << global.certainty;
}

TEST(ColouredJacobian, RefusesWhatDoesNotFit) {
  const auto local = Local(1);
  const auto J = MakeJacobianOperator(*local, Image({1, 8, 8}), 0.3);
  ExpectError([&] { ColourJacobian(*J, {1, 8, 8}, 4); }, {"odd receptive field, found 4"});
  ExpectError([&] { ColourJacobian(*J, {1, 8, 9}, 7); }, {"(72,72)", "found (64,64)"});
}

TEST(LcvBfcnn, IsWholeFromTwentyFiveProducts) {
  DENOSCOPE_NEEDS_PRETRAINED("lcv_bfcnn_rf5");
  const LoadedModel model =
      LoadModelFile(PretrainedPath("lcv_bfcnn_rf5") / "weights.safetensors", {});
  const torch::Tensor y = Image({1, 23, 30});
  const auto J = MakeJacobianOperator(*model.denoiser, y, 0.2);
  const ColouredJacobian coloured = ColourJacobian(*J, {1, 23, 30}, 5);
  EXPECT_EQ(coloured.products, 25);
  const Eigen::MatrixXf dense = ToMatrixF(DenseJacobian(*model.denoiser, y, 0.2).J);
  // The same sums, perhaps vectorised in another order in another batch.
  EXPECT_LT(RelativeDifference(Eigen::MatrixXf(coloured.J), dense), 1e-6);
  EXPECT_EQ(ProbeField(*J, {1, 23, 30}).field, 5);
}

}  // namespace
}  // namespace denoscope
