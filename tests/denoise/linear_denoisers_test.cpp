#include "denoscope/denoise/linear_denoisers.h"

#include <gtest/gtest.h>

#include "denoscope/image/tensors.h"
#include "denoscope/theory/optimal/linear_gains.h"
#include "denoscope/theory/optimal/wiener.h"
#include "denoscope/theory/pca/pca_of_noisy.h"
#include "tests/support/expect_error.h"
#include "tests/support/random_pca.h"

namespace denoscope {
namespace {

constexpr ImageShape kShape = {3, 4, 6};
constexpr Eigen::Index kSize = 72;
// Float32 sums over d = 72 products of numbers of order 1.
constexpr double kFloatRounding = 1e-5;
constexpr double kDoubleRounding = 1e-12;

std::shared_ptr<const Pca> PcaOf(Eigen::Index n = 200) {
  return RandomPca(kSize, n, "tests/wiener");
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
  const auto pca = PcaOf();
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
  const auto pca = PcaOf();
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
  const auto denoiser = MakeWienerDenoiser(PcaOf(), kShape);
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

torch::Tensor UniformImages(std::int64_t count) {
  torch::manual_seed(1);
  return torch::rand({count, kShape.C, kShape.H, kShape.W}, torch::kFloat64);
}

double Distance(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

TEST(ProjectionDenoiser, KeepsTheLeadingModesAtAnySigma) {
  constexpr Eigen::Index kRank = 5;
  const auto pca = PcaOf();
  const auto denoiser = MakeProjectionDenoiser(pca, kShape, kRank);
  EXPECT_EQ(denoiser->Traits().name, "linear:projection:5");
  EXPECT_FALSE(denoiser->Traits().conditioned);
  denoiser->SetType(torch::kFloat64);
  const Eigen::VectorXd amplitudes = Eigen::VectorXd::LinSpaced(kSize, -1, 2);
  const auto image = [&](Eigen::Index modes) {
    const Eigen::MatrixXd x = pca->mean + pca->basis.leftCols(modes) * amplitudes.head(modes);
    return ToTensor(x).reshape({1, kShape.C, kShape.H, kShape.W});
  };
  for (const double sigma : {0.01, 10.0})
    EXPECT_LT(Distance(denoiser->Denoise(image(kSize), sigma), image(kRank)), kDoubleRounding);
}

TEST(ProjectionDenoiser, IsIdempotent) {
  const auto denoiser = MakeProjectionDenoiser(PcaOf(), kShape, 7);
  const torch::Tensor y = UniformImages(3).to(torch::kFloat32);
  const torch::Tensor once = denoiser->Denoise(y, 0.1);
  EXPECT_GT(Distance(once, y), 0.1);
  EXPECT_LT(Distance(denoiser->Denoise(once, 0.1), once), kFloatRounding);
}

TEST(ProjectionDenoiser, RefusesARankThatTheImagesDoNotHave) {
  const auto refused = [](const std::shared_ptr<const Pca>& pca,
                          Eigen::Index rank,
                          const std::string& most) {
    ExpectError(
        [&] { MakeProjectionDenoiser(pca, kShape, rank); },
        {fmt::format("'linear:projection:{}': rank is {}, expected 1 to {}", rank, rank, most)});
  };
  refused(PcaOf(), 0, "72");
  refused(PcaOf(), 73, "72");
  refused(PcaOf(10), 10, "9, the modes of 10 images of 72 pixels");
  EXPECT_NO_THROW(MakeProjectionDenoiser(PcaOf(10), kShape, 9));
  Pca constant = *PcaOf();  // two of its pixels never vary: their variance is rounding
  constant.eigenvalues.tail(2) << 1e-17, 0;
  refused(std::make_shared<const Pca>(constant), 71, "70");
  ExpectError(
      [] {
        MakeProjectionDenoiser(PcaOf(), {1, 4, 6}, 3);
      },
      {"72 pixels", "expected 1 x 4 x 6"});
}

// By definition, with the noise that the header promises to be the same in every run.
TEST(ShrunkDenoiser, ShrinksOnTheModesOfNoisyImagesAtEachSigma) {
  const auto pca = PcaOf(50);
  const auto denoiser = MakeShrunkDenoiser(pca, kShape);
  EXPECT_EQ(denoiser->Traits().name, "linear:shrunk:50");
  EXPECT_TRUE(denoiser->Traits().conditioned);
  denoiser->SetType(torch::kFloat64);
  const std::vector<double> sigmas = {0.1, 0.1, 0.4, 0.02};
  const torch::Tensor y = UniformImages(4);
  const torch::Tensor D = denoiser->Denoise(y, torch::tensor(sigmas, torch::kFloat64));
  for (std::int64_t i = 0; i < 4; ++i) {
    const double sigma = sigmas[static_cast<std::size_t>(i)];
    const Pca noisy = PcaOfNoisy(*pca, sigma, 0);
    const Eigen::VectorXd e = DebiasedVariances(noisy.eigenvalues, 72.0 / 49, sigma);
    const Eigen::VectorXd centred = ToVectorD(y[i]) - noisy.mean;
    const Eigen::VectorXd expected = noisy.mean + noisy.basis * WienerGains(e, sigma).asDiagonal() *
                                                      (noisy.basis.transpose() * centred);
    EXPECT_LT((ToVectorD(D[i]) - expected).norm(), kDoubleRounding * expected.norm()) << sigma;
    EXPECT_LT(Distance(denoiser->Denoise(y.narrow(0, i, 1), sigma)[0], D[i]), kDoubleRounding);
  }
  denoiser->SetType(torch::kFloat32);
  const torch::Tensor single =
      denoiser->Denoise(y.to(torch::kFloat32), torch::tensor(sigmas, torch::kFloat64));
  EXPECT_EQ(single.scalar_type(), torch::kFloat32);
  EXPECT_LT(Distance(single, D), kFloatRounding);
}

// Of 1e9 images each mode is known to 1e-4, and a mode that is hidden in the noise has a gain below
// sqrt(d/n) = 3e-4.
TEST(ShrunkDenoiser, OfVeryManyImagesIsWieners) {
  Pca many = *PcaOf();
  many.n = 1000000000;
  const auto pca = std::make_shared<const Pca>(many);
  const auto shrunk = MakeShrunkDenoiser(pca, kShape), wiener = MakeWienerDenoiser(pca, kShape);
  const torch::Tensor y = UniformImages(2).to(torch::kFloat32);
  for (const double sigma : {0.05, 0.5})
    EXPECT_LT(Distance(shrunk->Denoise(y, sigma), wiener->Denoise(y, sigma)), 1e-3);
}

TEST(ShrunkDenoiser, WhereNothingIsSeenReturnsTheMeanOfTheNoisyImages) {
  const auto pca = PcaOf(50);
  const auto denoiser = MakeShrunkDenoiser(pca, kShape);
  denoiser->SetType(torch::kFloat64);
  constexpr double kSigma = 1000;
  const torch::Tensor D = denoiser->Denoise(UniformImages(2), kSigma);
  const Eigen::VectorXd mean = PcaOfNoisy(*pca, kSigma, 0).mean;
  EXPECT_LT((ToVectorD(D[0]) - mean).norm(), kDoubleRounding * mean.norm());
  EXPECT_TRUE(torch::equal(D[0], D[1]));
}

// It forgets levels: more than it keeps, and the first again.
TEST(ShrunkDenoiser, LearnsALevelAgainTheSame) {
  const auto denoiser = MakeShrunkDenoiser(PcaOf(50), kShape);
  const torch::Tensor y = UniformImages(1).to(torch::kFloat32);
  const torch::Tensor first = denoiser->Denoise(y, 0.1);
  EXPECT_TRUE(torch::equal(denoiser->Denoise(y, 0.1), first));
  for (int i = 0; i < 40; ++i) denoiser->Denoise(y, 0.2 + 0.1 * i);
  EXPECT_TRUE(torch::equal(denoiser->Denoise(y, 0.1), first));
}

}  // namespace
}  // namespace denoscope
