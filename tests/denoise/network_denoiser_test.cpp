#include "denoscope/denoise/network_denoiser.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <cmath>
#include <limits>

#include "denoscope/image/tensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

// A dozen float32 convolutions with sums over up to 108 products.
constexpr double kFloatRounding = 1e-5;
constexpr double kDoubleRounding = 1e-13;

torch::Tensor Uniform(at::IntArrayRef shape) {
  torch::manual_seed(2);
  return torch::rand(shape);
}

double RelativeNorm(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

TEST(NetworkDenoiser, BlindIsHomogeneous) {
  const torch::NoGradGuard no_gradient;
  const auto denoiser = TinyDenoiser(TinyDescription("blind"));
  EXPECT_TRUE(denoiser->Traits().homogeneous);
  EXPECT_FALSE(denoiser->Traits().conditioned);
  const torch::Tensor y = Uniform({3, 1, 20, 12});
  const torch::Tensor D = denoiser->Denoise(y, 0.1);
  for (const double a : {0.5, 3.0})
    EXPECT_LT(RelativeNorm(denoiser->Denoise(a * y, 0.1), a * D), kFloatRounding);
  EXPECT_TRUE(torch::equal(denoiser->Denoise(y, 2.0), D)) << "blind, but looks at sigma";
}

// Euler's theorem, D = J y, seen from any cotangent c: <c, D> = <J^T c, y>.
TEST(NetworkDenoiser, BlindIsItsJacobianTimesItsInput) {
  const auto denoiser = TinyDenoiser(TinyDescription("blind", 3));
  denoiser->SetType(torch::kFloat64);
  const torch::Tensor y = Uniform({1, 3, 8, 8}).to(torch::kFloat64).requires_grad_(true);
  const torch::Tensor D = denoiser->Denoise(y, 0.1);
  for (int i = 0; i < 5; ++i) {
    const torch::Tensor c = torch::randn_like(D);
    const torch::Tensor back = torch::autograd::grad({D}, {y}, {c}, /*retain_graph=*/true)[0];
    const double expected = (c * D).sum().item<double>();
    const double scale = (c.norm() * D.norm()).item<double>();
    EXPECT_NEAR((back * y).sum().item<double>(), expected, kDoubleRounding * scale);
  }
}

TEST(NetworkDenoiser, NoiseLevelsThatItWasNotTrainedOnAreNamed) {
  DenoiserTraits traits;
  traits.name = "net";
  EXPECT_EQ(OutsideTraining(traits, {0.1, 9}), "") << "nothing is known of its training";
  traits.trained_sigmas = SigmaRange{0.1, 2};
  EXPECT_EQ(OutsideTraining(traits, {0.1, 2}), "") << "both ends belong to the range";
  EXPECT_EQ(OutsideTraining(traits, {0.05, 1, 2.5}),
            "denoiser 'net': trained on sigma 0.1 to 2, found outside: 0.05, 2.5");
}

TEST(NetworkDenoiser, ConditionedWithBiasesIsNotHomogeneous) {
  const auto denoiser = TinyDenoiser(TinyDescription("conditioned"));
  EXPECT_FALSE(denoiser->Traits().homogeneous);
  EXPECT_TRUE(denoiser->Traits().conditioned);
  EXPECT_EQ(denoiser->Traits().size_multiple, 2);
  ASSERT_TRUE(denoiser->Traits().trained_sigmas.has_value());
  EXPECT_EQ(denoiser->Traits().trained_sigmas->high, 2);
}

// Karras et al. 2022, table 1, image by image, written out with plain numbers.
TEST(NetworkDenoiser, EdmIsTheFormulaOfItsPaper) {
  const torch::NoGradGuard no_gradient;
  ModelDescription d = TinyDescription("conditioned", 3);
  const double q = d.parameterisation.data_rms = 0.35;
  const auto denoiser = TinyDenoiser(d);
  const auto network = TinyUnet(d.unet);
  const torch::Tensor y = Uniform({3, 3, 20, 12});
  const std::vector<double> sigmas = {0.03, 0.4, 2.5};
  const torch::Tensor D = denoiser->Denoise(y, torch::tensor(sigmas));
  for (std::int64_t i = 0; i < 3; ++i) {
    const double s = sigmas[static_cast<std::size_t>(i)];
    const double c_skip = q * q / (s * s + q * q);
    const double c_out = s * q / std::sqrt(s * s + q * q);
    const double c_in = 1 / std::sqrt(s * s + q * q);
    const torch::Tensor map = torch::full({1, 1, 20, 12}, std::log(s) / 4);
    const torch::Tensor image = y.slice(0, i, i + 1);
    const torch::Tensor F = network->forward(torch::cat({c_in * image, map}, 1));
    EXPECT_LT(RelativeNorm(D.slice(0, i, i + 1), c_skip * image + c_out * F), kFloatRounding);
    EXPECT_LT(RelativeNorm(denoiser->Denoise(image, s), D.slice(0, i, i + 1)), kFloatRounding);
  }
}

TEST(NetworkDenoiser, ResidualSubtractsAndX0Returns) {
  const torch::NoGradGuard no_gradient;
  ModelDescription d = TinyDescription("blind");
  const torch::Tensor y = Uniform({2, 1, 8, 8});
  const torch::Tensor F = TinyUnet(d.unet)->forward(y);
  EXPECT_LT(RelativeNorm(TinyDenoiser(d)->Denoise(y, 0.1), y - F), kFloatRounding);
  d.parameterisation.prediction = Prediction::kX0;
  EXPECT_LT(RelativeNorm(TinyDenoiser(d)->Denoise(y, 0.1), F), kFloatRounding);
}

TEST(NetworkDenoiser, ASigmaMapMakesAnyReadingConditioned) {
  const torch::NoGradGuard no_gradient;
  ModelDescription d = TinyDescription("conditioned");
  d.parameterisation.prediction = Prediction::kResidual;
  const auto denoiser = TinyDenoiser(d);
  EXPECT_TRUE(denoiser->Traits().conditioned);
  const torch::Tensor y = Uniform({1, 1, 8, 8});
  EXPECT_FALSE(torch::equal(denoiser->Denoise(y, 0.1), denoiser->Denoise(y, 1.0)));
}

TEST(NetworkDenoiser, ComputesInFloat64OnRequest) {
  const torch::NoGradGuard no_gradient;
  const auto denoiser = TinyDenoiser(TinyDescription("conditioned"));
  const torch::Tensor y = Uniform({2, 1, 8, 8});
  const torch::Tensor single = denoiser->Denoise(y, 0.2);
  denoiser->SetType(torch::kFloat64);
  const torch::Tensor twice = denoiser->Denoise(y.to(torch::kFloat64), 0.2);
  EXPECT_EQ(twice.scalar_type(), torch::kFloat64);
  EXPECT_LT(RelativeNorm(single, twice), kFloatRounding);
  denoiser->SetType(torch::kFloat32);
  EXPECT_TRUE(torch::equal(denoiser->Denoise(y, 0.2), single));
}

TEST(Prediction, NamesGoThereAndBack) {
  for (const std::string& name : NamesOf<Prediction>())
    EXPECT_EQ(NameOf(FromName<Prediction>(name)), name);
  EXPECT_EQ(NamesOf<Prediction>().size(), 6u);
  ExpectError([] { FromName<Prediction>("noise"); },
              {"'noise'", "x0, residual, eps, v, score or edm"});
}

class Misuse : public testing::Test {
 protected:
  std::unique_ptr<NetworkDenoiser> denoiser_ = TinyDenoiser(TinyDescription("conditioned", 3, 3));
  void Refused(const torch::Tensor& y,
               const torch::Tensor& sigma,
               std::initializer_list<std::string> pieces) const {
    ExpectError([&] { denoiser_->Denoise(y, sigma); }, {"denoiser 'tiny'"});
    ExpectError([&] { denoiser_->Denoise(y, sigma); }, pieces);
  }
};

TEST_F(Misuse, OfTheShapeIsNamed) {
  const torch::Tensor sigma = torch::tensor({0.1, 0.1});
  Refused(torch::rand({2, 1, 8, 8}), sigma, {"expected 3 channels, found 1"});
  Refused(torch::rand({2, 3, 8, 10}), sigma, {"multiples of 4", "8 x 10"});
  Refused(torch::rand({2, 3, 6, 8}), sigma, {"multiples of 4", "6 x 8"});
  Refused(torch::rand({2, 3, 0, 8}), sigma, {"multiples of 4", "0 x 8"});
  Refused(torch::rand({3, 8, 8}), sigma, {"(B,C,H,W)", "[3,8,8]"});
}

TEST_F(Misuse, OfSigmaIsNamed) {
  const torch::Tensor y = torch::rand({2, 3, 8, 8});
  Refused(y, torch::tensor({0.1, 0.0}), {"sigma", "positive", "found 0"});
  Refused(y, torch::tensor({-0.5, 0.1}), {"positive", "found -0.5"});
  Refused(y, torch::tensor({0.1, std::nan("")}), {"positive", "nan"});
  Refused(y, torch::tensor({std::numeric_limits<double>::infinity(), 1.0}), {"positive", "inf"});
  Refused(y, torch::tensor({0.1}), {"expected 2 noise levels", "[1]"});
  Refused(y, torch::full({2, 1}, 0.1), {"expected 2 noise levels", "[2,1]"});
}

TEST_F(Misuse, OutputThatIsNotFiniteIsNamed) {
  const torch::Tensor y = torch::rand({1, 3, 8, 8});
  const torch::Tensor sigma = torch::tensor({0.25});
  torch::NoGradGuard no_gradient;
  const auto network = std::dynamic_pointer_cast<TableNetwork>(denoiser_->Wrapped());
  network->parameters()[0].fill_(std::nanf(""));
  Refused(y, sigma, {"output is not finite", "sigma 0.25"});
}

TEST_F(Misuse, OfTheBatchIsNamed) {
  const torch::Tensor none = torch::rand({0, 3, 8, 8}), sigma = torch::tensor({0.1});
  Refused(none, torch::empty({0}), {"one or more images"});
  Refused(torch::ones({1, 3, 8, 8}, torch::kInt64), sigma, {"floating-point", "Long"});
}

TEST(NetworkDenoiser, RefusesANoiseLevelThatItsNetworkDoesNotTake) {
  ModelDescription d = TinyDescription("blind");
  d.parameterisation.sigma_input = SigmaInput::kScalar;
  ExpectError([&] { TinyDenoiser(d); }, {"'tiny'", "does not take a noise level", "scalar"});
  d.parameterisation.sigma_input = SigmaInput::kLogMap;
  ExpectError([&] { TinyDenoiser(d); }, {"'tiny'", "1 input and 1 output channels", "log-map"});
}

TEST(SigmaInput, NamesGoThereAndBack) {
  for (const std::string& name : NamesOf<SigmaInput>())
    EXPECT_EQ(NameOf(FromName<SigmaInput>(name)), name);
  EXPECT_EQ(NamesOf<SigmaInput>().size(), 6u);
  ExpectError([] { FromName<SigmaInput>("time"); },
              {"'time'", "none, scalar, log, timestep, map or log-map"});
}

}  // namespace
}  // namespace denoscope
