#include <gtest/gtest.h>

#include "denoscope/base/random.h"
#include "denoscope/denoise/denoiser.h"
#include "denoscope/image/tensors.h"
#include "denoscope/theory/wiener.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

constexpr ImageShape kShape = {3, 4, 6};
constexpr Eigen::Index kSize = 72;
// Float32 sums over d = 72 products of numbers of order 1.
constexpr double kFloatRounding = 1e-5;
constexpr double kDoubleRounding = 1e-12;

std::shared_ptr<const Pca> RandomPca() {
  RandomStream random(3, "tests/wiener");
  Eigen::MatrixXd X(kSize, 200);
  for (Eigen::Index i = 0; i < X.size(); ++i)
    X.data()[i] = 0.5 + random.Normal() / (1.0 + static_cast<double>(i % kSize));
  CovarianceAccumulator sums(kSize);
  sums.Add(X);
  return std::make_shared<const Pca>(ComputePca(sums));
}

// m + W (y - m), each image with the matrix of its own sigma.
Eigen::MatrixXd ByDefinition(const Pca& pca,
                             const torch::Tensor& y,
                             const std::vector<double>& sigmas) {
  const Eigen::MatrixXd images = ToMatrixD(y.flatten(1));
  Eigen::MatrixXd result(images.rows(), images.cols());
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    const Eigen::VectorXd centred = images.row(i).transpose() - pca.mean;
    const Eigen::MatrixXd W = WienerMatrix(pca, sigmas[static_cast<std::size_t>(i)]);
    result.row(i) = (pca.mean + W * centred).transpose();
  }
  return result;
}

TEST(WienerDenoiser, IsTheWienerMatrixOfEachImagesOwnSigma) {
  const auto pca = RandomPca();
  const auto denoiser = MakeWienerDenoiser(pca, kShape);
  const std::vector<double> sigmas = {0.02, 0.3, 5};
  torch::manual_seed(1);
  const torch::Tensor y = torch::rand({3, kShape.C, kShape.H, kShape.W});
  const Eigen::MatrixXd expected = ByDefinition(*pca, y, sigmas);
  const torch::Tensor D = denoiser->Denoise(y, torch::tensor(sigmas));
  EXPECT_EQ(D.sizes(), y.sizes());
  EXPECT_EQ(D.scalar_type(), torch::kFloat32);
  EXPECT_LT((ToMatrixD(D.flatten(1)) - expected).norm(), kFloatRounding * expected.norm());

  denoiser->SetType(torch::kFloat64);
  const torch::Tensor exact =
      denoiser->Denoise(y.to(torch::kFloat64), torch::tensor(sigmas, torch::kFloat64));
  EXPECT_LT((ToMatrixD(exact.flatten(1)) - expected).norm(), kDoubleRounding * expected.norm());
}

TEST(WienerDenoiser, KeepsTheImageAtNoNoiseAndTheMeanAtMuch) {
  const auto pca = RandomPca();
  const auto denoiser = MakeWienerDenoiser(pca, kShape);
  denoiser->SetType(torch::kFloat64);
  const torch::Tensor y = torch::rand({1, kShape.C, kShape.H, kShape.W}, torch::kFloat64);
  const Eigen::VectorXd kept = ToVectorD(denoiser->Denoise(y, 1e-9));
  const Eigen::VectorXd lost = ToVectorD(denoiser->Denoise(y, 1e9));
  // Gains differ from 1 and 0 by sigma^2/lambda and lambda/sigma^2: below 1e-13 for these lambda.
  EXPECT_LT((kept - ToVectorD(y)).norm(), kDoubleRounding * kept.norm());
  EXPECT_LT((lost - pca->mean).norm(), kDoubleRounding * lost.norm());
}

TEST(WienerDenoiser, StatesItsTraitsAndRefusesOtherShapes) {
  const auto denoiser = MakeWienerDenoiser(RandomPca(), kShape);
  const DenoiserTraits& traits = denoiser->Traits();
  EXPECT_EQ(traits.name, "linear:wiener");
  EXPECT_TRUE(traits.conditioned);
  EXPECT_FALSE(traits.homogeneous);
  ExpectError(
      [&] {
        denoiser->Denoise(torch::rand({1, 3, 6, 4}), 0.1);
      },
      {"linear:wiener", "4 x 6", "6 x 4"});
  ExpectError(
      [&] {
        denoiser->Denoise(torch::rand({1, 1, 4, 6}), 0.1);
      },
      {"expected 3 channels, found 1"});
}

}  // namespace
}  // namespace denoscope
