#include "denoscope/theory/optimal/empirical_denoiser.h"

#include <gtest/gtest.h>

#include "denoscope/base/random.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"
#include "tests/support/difference.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using torch::Tensor;

constexpr ImageShape kShape = {2, 6, 8};
constexpr Eigen::Index kSize = 96;
constexpr double kFloatRounding = 1e-6;    // of an image in [0,1]
constexpr double kDoubleRounding = 1e-10;  // weights err by 1e-16 |x|^2/sigma^2, |x|^2 = 32

Eigen::MatrixXf Samples(Eigen::Index n) {
  RandomStream random(8, "tests/empirical");
  Eigen::MatrixXf X(kSize, n);
  for (Eigen::Index i = 0; i < X.size(); ++i) X.data()[i] = static_cast<float>(random.Uniform());
  return X;
}

Tensor ImageOf(const Eigen::MatrixXf& X) {  // (b,C,H,W), a column an image
  return ToTensor(X).t().reshape({X.cols(), kShape.C, kShape.H, kShape.W}).contiguous();
}

// Points where two samples share the weight, one to e^s with s from -2 to 2, at any sigma.
Eigen::MatrixXf Between(const Eigen::MatrixXf& X, double sigma, Eigen::Index count) {
  Eigen::MatrixXf Y(kSize, count);
  for (Eigen::Index i = 0; i < count; ++i) {
    const Eigen::VectorXf step = X.col(i + 1) - X.col(i);
    const double s = -2 + 4 * static_cast<double>(i) / static_cast<double>(count);
    const double along = 0.5 + s * sigma * sigma / step.cast<double>().squaredNorm();
    Y.col(i) = X.col(i) + static_cast<float>(along) * step;
  }
  return Y;
}

Eigen::MatrixXd Core(const Eigen::MatrixXf& X, const Tensor& y, double sigma) {
  return EmpiricalDenoise(SourceOf(X), ToMatrixD(y.flatten(1)).transpose(), sigma)
      .denoised.transpose();
}

// Distances taken in float32 would be wrong by 1e-2 in the weights at sigma = 0.02.
TEST(EmpiricalDenoiserModel, IsTheClosedFormInBothTypes) {
  const Eigen::MatrixXf X = Samples(300);
  const auto denoiser = MakeEmpiricalDenoiser(SourceOf(X), kShape);
  EXPECT_EQ(denoiser->Traits().name, "linear:empirical:300");
  for (const double sigma : {0.02, 0.3, 4.0}) {
    SCOPED_TRACE(sigma);
    const Tensor y = ImageOf(Between(X, sigma, 40));
    denoiser->SetType(torch::kFloat32);
    const Tensor single = denoiser->Denoise(y, sigma);
    EXPECT_EQ(single.scalar_type(), torch::kFloat32);
    EXPECT_LT(LargestDifference(ToMatrixD(single.flatten(1)), Core(X, y, sigma)), kFloatRounding);
    denoiser->SetType(torch::kFloat64);
    const Tensor exact = denoiser->Denoise(y.to(torch::kFloat64), sigma);
    EXPECT_LT(LargestDifference(ToMatrixD(exact.flatten(1)), Core(X, y, sigma)), kDoubleRounding);
  }
}

// More images than go at once, and neighbours with other samples of weight.
TEST(EmpiricalDenoiserModel, GivesEachImageOfABatchItsOwnSigma) {
  const Eigen::MatrixXf X = Samples(120);
  const auto denoiser = MakeEmpiricalDenoiser(SourceOf(X), kShape);
  const Tensor y = ImageOf(Between(X, 0.2, 70)).to(torch::kFloat64);
  const Tensor sigma = torch::linspace(0.02, 3, 70, torch::kFloat64);
  const Tensor together = denoiser->Denoise(y, sigma);
  for (const std::int64_t i : {0, 31, 32, 69}) {
    const Tensor alone = denoiser->Denoise(y.narrow(0, i, 1), sigma[i].item<double>());
    EXPECT_LT((together[i] - alone[0]).abs().max().item<double>(), kDoubleRounding) << i;
  }
}

TEST(EmpiricalDenoiserModel, RemembersAnImageAtNoNoiseAndTheMeanAtMuch) {
  const Eigen::MatrixXf X = Samples(50);
  const auto denoiser = MakeEmpiricalDenoiser(SourceOf(X), kShape);
  torch::manual_seed(2);
  const Tensor x = ImageOf(X.middleCols(7, 2));
  const Tensor y = x + 1e-3 * torch::randn_like(x);
  EXPECT_TRUE(torch::equal(denoiser->Denoise(y, 1e-3), x));
  const Eigen::VectorXd mean = X.cast<double>().rowwise().mean();
  // Weights differ from 1/n by |x y|/sigma^2 = 5e-7.
  const Tensor lost = denoiser->Denoise(x, 1e4);
  EXPECT_LT((ToVectorD(lost[0]) - mean).cwiseAbs().maxCoeff(), kFloatRounding);
}

TEST(EmpiricalDenoiserModel, RefusesImagesOfOtherShapes) {
  const Eigen::MatrixXf X = Samples(5);
  ExpectError(
      [&] {
        MakeEmpiricalDenoiser(SourceOf(X), {1, 6, 8});
      },
      {"'linear:empirical:5'", "96 pixels", "1 x 6 x 8"});
  ExpectError([] { MakeEmpiricalDenoiser(SampleSource{}, kShape); }, {"at least one sample"});
  const auto denoiser = MakeEmpiricalDenoiser(SourceOf(X), kShape);
  ExpectError([&] { denoiser->Denoise(torch::rand({1, 2, 8, 6}), 0.1); }, {"6 x 8", "8 x 6"});
}

}  // namespace
}  // namespace denoscope
