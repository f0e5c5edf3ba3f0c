#include "denoscope/measure/surroundings.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "tests/support/tiny_images.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

constexpr ImageShape kShape = {1, 8, 8};
constexpr double kFloatRounding = 1e-4;

struct Point {
  NoisyPair pair;
  torch::Tensor denoised;
  double sigma = 0;
};

class SurroundingsTest : public testing::Test {
 protected:
  Point At(const Denoiser& denoiser, double sigma) const {
    const torch::NoGradGuard no_gradient;
    const torch::Tensor x = images_.Images({0})[0];
    torch::manual_seed(3);
    const torch::Tensor y = x + sigma * torch::randn_like(x);
    return {{x, y}, denoiser.Denoise(y.unsqueeze(0), sigma)[0], sigma};
  }
  Spectrum Run(const Denoiser& denoiser, const Point& at, const Eigen::MatrixXf& J) const {
    Spectrum s;
    AddSurroundings(denoiser, images_, {at.pair, at.denoised, at.sigma, J}, 1, "here", s);
    return s;
  }
  static Eigen::MatrixXf Jacobian(const Denoiser& denoiser, const Point& at) {
    return ToMatrixF(DenseJacobian(denoiser, at.pair.y, at.sigma, {}).J);
  }

  const ImageSet images_ = TinyImages("test", 30, kShape);
  const std::shared_ptr<const Pca> pca_ =
      std::make_shared<const Pca>(PcaOf(TinyImages("train", 300, kShape, 4)));
};

TEST_F(SurroundingsTest, ALinearDenoiserIsItsJacobianEverywhere) {
  const auto wiener = MakeWienerDenoiser(pca_, kShape);
  const Point at = At(*wiener, 0.3);
  const Eigen::MatrixXf J = Jacobian(*wiener, at);
  const Spectrum right = Run(*wiener, at, J), half = Run(*wiener, at, J / 2);
  EXPECT_NEAR(right.local_noise, 1, kFloatRounding);
  EXPECT_NEAR(right.local_images, 1, kFloatRounding);
  EXPECT_NEAR(half.local_noise, 0.75, kFloatRounding) << "half of the step is missed";
}

TEST_F(SurroundingsTest, ANetworkIsNot) {
  const auto network = TinyDenoiser(TinyDescription("conditioned"));
  const Point at = At(*network, 0.3);
  const Spectrum s = Run(*network, at, Jacobian(*network, at));
  EXPECT_LT(s.local_noise, 0.999);
  EXPECT_LT(s.local_images, 0.999);
}

// Wiener's dD/dln sigma = -2 sum_k lambda s^2/(lambda + s^2)^2 u_k u_k^T (y - m).
TEST_F(SurroundingsTest, TheAllowanceIsThatOfTheKnownDerivative) {
  const auto wiener = MakeWienerDenoiser(pca_, kShape);
  const Point at = At(*wiener, 0.3);
  const Eigen::MatrixXf J = Jacobian(*wiener, at);
  const double s2 = 0.09;
  const Eigen::VectorXd y = ToVectorD(at.pair.y), lambda = pca_->eigenvalues;
  const Eigen::VectorXd slope = -2 * s2 * lambda.array() / (lambda.array() + s2).square();
  const Eigen::VectorXd a =
      pca_->basis * slope.cwiseProduct(pca_->basis.transpose() * (y - pca_->mean));
  const Eigen::VectorXd b = (y - ToVectorD(at.denoised)) / (s2 * 64);
  const Eigen::MatrixXd skew = a * b.transpose() - b * a.transpose();
  EXPECT_NEAR(Run(*wiener, at, J).blind_allowance, skew.norm() / J.norm(), 1e-3 * skew.norm());
  EXPECT_GT(skew.norm(), 0);
}

TEST_F(SurroundingsTest, ABlindDenoiserAndASetOfOneHaveNone) {
  const auto blind = TinyDenoiser(TinyDescription("blind"));
  const Point at = At(*blind, 0.3);
  const Eigen::MatrixXf J = Jacobian(*blind, at);
  EXPECT_TRUE(std::isnan(Run(*blind, at, J).blind_allowance));
  Spectrum s;
  const MeasuredPoint measured = {at.pair, at.denoised, at.sigma, J};
  AddSurroundings(*blind, images_.Subset(0, 1), measured, 1, "here", s);
  EXPECT_TRUE(std::isnan(s.local_images));
  EXPECT_TRUE(std::isfinite(s.local_noise));
}

}  // namespace
}  // namespace denoscope
