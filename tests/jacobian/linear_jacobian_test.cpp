// Denoisers with a Jacobian in closed form: the engines, which know nothing of it, must find it.
#include <gtest/gtest.h>

#include "denoscope/base/random.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "denoscope/jacobian/self_test.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/theory/optimal/empirical_denoiser.h"
#include "denoscope/theory/optimal/linear_gains.h"
#include "denoscope/theory/optimal/mixture_fit.h"
#include "denoscope/theory/optimal/wiener.h"
#include "denoscope/theory/pca/pca_of_noisy.h"
#include "tests/support/difference.h"

namespace denoscope {
namespace {

using Eigen::MatrixXd;

constexpr ImageShape kShape = {1, 6, 8};
constexpr Eigen::Index kSize = 48, kImages = 30;
constexpr double kFloatRounding = 1e-5, kDoubleRounding = 1e-9;  // of the largest entry

Eigen::MatrixXf Images() {
  RandomStream random(5, "tests/linear jacobian");
  Eigen::MatrixXf X(kSize, kImages);
  for (Eigen::Index i = 0; i < X.size(); ++i)
    X.data()[i] =
        static_cast<float>(0.5 + random.Normal() / (2.0 + 0.2 * static_cast<double>(i % kSize)));
  return X;
}

std::shared_ptr<const Pca> PcaOf(const Eigen::MatrixXf& X) {
  CovarianceAccumulator sums(X.rows());
  sums.Add(X.cast<double>());
  return std::make_shared<const Pca>(ComputePca(sums));
}

MatrixXd ShrunkMatrix(const Pca& pca, double sigma) {
  const Pca noisy = PcaOfNoisy(pca, sigma, 0);
  const double gamma = static_cast<double>(kSize) / (kImages - 1);
  const Eigen::VectorXd e = DebiasedVariances(noisy.eigenvalues, gamma, sigma);
  return noisy.basis * WienerGains(e, sigma).asDiagonal() * noisy.basis.transpose();
}

// Every engine, in both types, at a y between the images; J symmetric with no negative eigenvalue.
void ExpectJacobian(Denoiser& denoiser, const torch::Tensor& y, double sigma, const MatrixXd& J) {
  SCOPED_TRACE(fmt::format("{} at {}", denoiser.Traits().name, sigma));
  ASSERT_GT(J.cwiseAbs().maxCoeff(), 1e-2) << "too small to tell";
  denoiser.SetType(torch::kFloat64);
  const MatrixXd dense = ToMatrixD(DenseJacobian(denoiser, y, sigma).J);
  EXPECT_LT(RelativeDifference(dense, J), kDoubleRounding);
  EXPECT_LT(RelativeDifference(ToMatrixD(ForwardJacobian(denoiser, y, sigma)), J), kDoubleRounding);
  EXPECT_LT(RelativeDifference(dense.transpose(), dense), kDoubleRounding);
  const Eigen::VectorXd mu = EigenvaluesSymmetric<double>(dense);
  EXPECT_GT(mu.minCoeff(), -kDoubleRounding * mu.maxCoeff());

  denoiser.SetType(torch::kFloat32);
  const torch::Tensor single = y.to(torch::kFloat32);
  EXPECT_LT(RelativeDifference(ToMatrixD(DenseJacobian(denoiser, single, sigma).J), J),
            kFloatRounding);
  const auto products = MakeJacobianOperator(denoiser, single, sigma);
  const Eigen::MatrixXf identity = Eigen::MatrixXf::Identity(kSize, kSize);
  EXPECT_LT(RelativeDifference(products->Apply(identity).cast<double>(), J), kFloatRounding);
  EXPECT_LT(RelativeDifference(products->ApplyTranspose(identity).cast<double>(), J),
            kFloatRounding);
}

// Half way between two images, a float32 number in every pixel.
torch::Tensor Between(const Eigen::MatrixXf& X) {
  const Eigen::MatrixXf y = 0.5F * (X.col(0) + X.col(1));
  return ToTensor(y).view({kShape.C, kShape.H, kShape.W}).to(torch::kFloat64);
}

TEST(LinearJacobian, OfAProjectionIsIt) {
  const Eigen::MatrixXf X = Images();
  const auto pca = PcaOf(X);
  for (const Eigen::Index rank : {1, 12, 29}) {
    const auto denoiser = MakeProjectionDenoiser(pca, kShape, rank);
    const MatrixXd U = pca->basis.leftCols(rank);
    ExpectJacobian(*denoiser, Between(X), 0.3, U * U.transpose());
  }
}

TEST(LinearJacobian, OfTheWienerDenoiserIsItsMatrix) {
  const Eigen::MatrixXf X = Images();
  const auto pca = PcaOf(X);
  const auto denoiser = MakeWienerDenoiser(pca, kShape);
  for (const double sigma : {0.02, 1.0})
    ExpectJacobian(*denoiser, Between(X), sigma, WienerMatrix(*pca, sigma));
}

TEST(LinearJacobian, OfTheShrunkDenoiserIsItsMatrix) {
  const Eigen::MatrixXf X = Images();
  const auto pca = PcaOf(X);
  const auto denoiser = MakeShrunkDenoiser(pca, kShape);
  for (const double sigma : {0.02, 0.25})
    ExpectJacobian(*denoiser, Between(X), sigma, ShrunkMatrix(*pca, sigma));
}

TEST(LinearJacobian, OfTheEmpiricalDenoiserIsTheWeightedCovariance) {
  const Eigen::MatrixXf X = Images();
  const auto denoiser = MakeEmpiricalDenoiser(SourceOf(X), kShape);
  const torch::Tensor y = Between(X);
  for (const double sigma : {0.02, 0.3, 1.0})
    ExpectJacobian(*denoiser, y, sigma, EmpiricalJacobian(SourceOf(X), ToVectorD(y), sigma));
}

TEST(LinearJacobian, OfTheMixtureDenoiserIsThePosteriorCovariance) {
  const Eigen::MatrixXf X = Images();
  const GaussianMixture mixture = FitMixture(SourceOf(X), 4, 0);
  const auto denoiser = MakeMixtureDenoiser(mixture, kShape);
  const torch::Tensor y = Between(X);
  for (const double sigma : {0.02, 0.3, 1.0})
    ExpectJacobian(*denoiser, y, sigma, MixtureJacobian(mixture, ToVectorD(y), sigma));
}

// All but memorised: the second image weighs e^-40, and J, of 1e-17, is no rounding of 1/sigma^2.
TEST(LinearJacobian, OfTheEmpiricalDenoiserIsRightWhereItIsAllButZero) {
  const Eigen::MatrixXf X = Images();
  const auto denoiser = MakeEmpiricalDenoiser(SourceOf(X), kShape);
  denoiser->SetType(torch::kFloat64);
  constexpr double kSigma = 0.1;
  const Eigen::VectorXd step = (X.col(1) - X.col(0)).cast<double>();
  const Eigen::MatrixXd y =
      X.col(0).cast<double>() + (0.5 - 40 * kSigma * kSigma / step.squaredNorm()) * step;
  const torch::Tensor image = ToTensor(y).view({kShape.C, kShape.H, kShape.W});
  const MatrixXd J = EmpiricalJacobian(SourceOf(X), y, kSigma);
  ASSERT_LT(J.cwiseAbs().maxCoeff(), 1e-12);
  ASSERT_GT(J.cwiseAbs().maxCoeff(), 1e-20);
  EXPECT_LT(RelativeDifference(ToMatrixD(DenseJacobian(*denoiser, image, kSigma).J), J),
            kDoubleRounding);
}

// With one image alone in weight nothing is left to derive.
TEST(LinearJacobian, OfAMemorisedImageIsZero) {
  const Eigen::MatrixXf X = Images();
  const auto denoiser = MakeEmpiricalDenoiser(SourceOf(X), kShape);
  const torch::Tensor x = ToTensor(Eigen::MatrixXf(X.col(3))).view({kShape.C, kShape.H, kShape.W});
  const JacobianAt at = DenseJacobian(*denoiser, x, 0.01);
  EXPECT_TRUE(torch::equal(at.denoised, x));
  EXPECT_EQ(at.J.abs().max().item<double>(), 0);
}

TEST(LinearJacobian, PassesTheSelfTest) {
  const Eigen::MatrixXf X = Images();
  const auto pca = PcaOf(X);
  const torch::Tensor mean = ToTensor(MatrixXd(pca->mean)).view({kShape.C, kShape.H, kShape.W});
  std::vector<std::unique_ptr<Denoiser>> denoisers;
  denoisers.push_back(MakeWienerDenoiser(pca, kShape));
  denoisers.push_back(MakeProjectionDenoiser(pca, kShape, 5));
  denoisers.push_back(MakeShrunkDenoiser(pca, kShape));
  denoisers.push_back(MakeEmpiricalDenoiser(SourceOf(X), kShape));
  denoisers.push_back(MakeMixtureDenoiser(FitMixture(SourceOf(X), 3, 0), kShape));
  for (const auto& denoiser : denoisers) {
    const SelfTest test = TestJacobian(*denoiser, mean, 0.3);
    for (const SelfTestCheck& check : test.checks)
      EXPECT_NE(check.outcome, SelfTestCheck::Outcome::kFailed)
          << denoiser->Traits().name << ": " << check.name << ", error " << check.error;
  }
}

}  // namespace
}  // namespace denoscope
