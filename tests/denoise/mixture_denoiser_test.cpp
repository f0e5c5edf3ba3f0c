#include "denoscope/theory/optimal/mixture_denoiser.h"

#include <gtest/gtest.h>

#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"
#include "tests/support/difference.h"
#include "tests/support/expect_error.h"
#include "tests/support/random_mixture.h"

namespace denoscope {
namespace {

using torch::Tensor;

constexpr ImageShape kShape = {2, 4, 5};
constexpr Eigen::Index kSize = 40;
constexpr double kFloatRounding = 1e-6;    // of an image of order 1
constexpr double kDoubleRounding = 1e-10;  // weights err by 1e-16 |y - m|^2/sigma^2

Tensor ImagesOf(const Eigen::MatrixXd& X) {  // (b,C,H,W), a column an image
  return ToTensor(X).t().reshape({X.cols(), kShape.C, kShape.H, kShape.W}).contiguous();
}

Eigen::MatrixXd Columns(const Tensor& images) { return ToMatrixD(images.flatten(1)).transpose(); }

// Between two means: components compete at much noise.
Eigen::MatrixXd Between(const GaussianMixture& mixture, Eigen::Index count) {
  const Eigen::VectorXd a = mixture.components[0].pca.mean, b = mixture.components[1].pca.mean;
  Eigen::MatrixXd Y(kSize, count);
  for (Eigen::Index i = 0; i < count; ++i)
    Y.col(i) = a + (b - a) * (static_cast<double>(i) + 0.5) / static_cast<double>(count);
  return Y.cast<float>().cast<double>();
}

TEST(MixtureDenoiserModel, IsTheClosedFormInBothTypes) {
  const GaussianMixture mixture = RandomMixture(kSize, 3);
  const auto denoiser = MakeMixtureDenoiser(mixture, kShape);
  EXPECT_EQ(denoiser->Traits().name, "linear:mixture:3:300");
  EXPECT_TRUE(denoiser->Traits().conditioned);
  const Eigen::MatrixXd Y = Between(mixture, 20);
  for (const double sigma : {0.02, 0.3, 4.0}) {
    SCOPED_TRACE(sigma);
    const Eigen::MatrixXd expected = MixtureDenoise(mixture, Y, sigma).denoised;
    denoiser->SetType(torch::kFloat32);
    const Tensor single = denoiser->Denoise(ImagesOf(Y).to(torch::kFloat32), sigma);
    EXPECT_EQ(single.scalar_type(), torch::kFloat32);
    EXPECT_LT(LargestDifference(Columns(single), expected), kFloatRounding);
    denoiser->SetType(torch::kFloat64);
    EXPECT_LT(LargestDifference(Columns(denoiser->Denoise(ImagesOf(Y), sigma)), expected),
              kDoubleRounding);
  }
}

TEST(MixtureDenoiserModel, GivesEachImageOfABatchItsOwnSigma) {
  const GaussianMixture mixture = RandomMixture(kSize, 4);
  const auto denoiser = MakeMixtureDenoiser(mixture, kShape);
  const Tensor y = ImagesOf(Between(mixture, 9));
  const Tensor sigma = torch::linspace(0.02, 3, 9, torch::kFloat64);
  const Tensor together = denoiser->Denoise(y, sigma);
  for (std::int64_t i = 0; i < 9; ++i) {
    const Tensor alone = denoiser->Denoise(y.narrow(0, i, 1), sigma[i].item<double>());
    EXPECT_LT((together[i] - alone[0]).abs().max().item<double>(), kDoubleRounding) << i;
  }
}

TEST(MixtureDenoiserModel, RefusesImagesOfOtherShapes) {
  const GaussianMixture mixture = RandomMixture(kSize, 2);
  ExpectError(
      [&] {
        MakeMixtureDenoiser(mixture, {1, 4, 5});
      },
      {"'linear:mixture:2:200'", "40 pixels", "1 x 4 x 5"});
  ExpectError([] { MakeMixtureDenoiser({}, kShape); }, {"no component"});
}

}  // namespace
}  // namespace denoscope
