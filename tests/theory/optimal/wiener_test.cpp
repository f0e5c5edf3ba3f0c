#include "denoscope/theory/optimal/wiener.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;  // sums over 12 modes of order 1

Pca KnownPca(Index d) {
  Pca pca;
  pca.n = 1000;
  pca.mean = VectorXd::LinSpaced(d, 0, 1);
  pca.eigenvalues.resize(d);
  for (Index k = 0; k < d; ++k) pca.eigenvalues(k) = 4 * std::pow(k + 1.0, -1.5);
  pca.eigenvalues(d - 1) = 0;
  pca.basis = RandomOrthonormal(d, d, "basis");
  return pca;
}

TEST(Wiener, MatrixHasTheGainsAsEigenvaluesWithinZeroAndOne) {
  const Pca pca = KnownPca(12);
  for (const double sigma : {0.02, 0.5, 3.0}) {
    const VectorXd gains = WienerGains(pca.eigenvalues, sigma);
    const MatrixXd W = WienerMatrix(pca, sigma);
    const VectorXd values = EigenSymmetric<double>(W).values;
    EXPECT_LT((values - gains).cwiseAbs().maxCoeff(), kRounding);
    EXPECT_GE(values.minCoeff(), -kRounding);
    EXPECT_LE(values.maxCoeff(), 1.0);
    EXPECT_NEAR(W.trace(), gains.sum(), kRounding);
    EXPECT_EQ(W, MatrixXd(W.transpose()));
  }
}

TEST(Wiener, SolvesTheNormalEquations) {
  const Pca pca = KnownPca(12);
  const double sigma = 0.4;
  const MatrixXd covariance = pca.basis * pca.eigenvalues.asDiagonal() * pca.basis.transpose();
  const MatrixXd noisy = covariance + sigma * sigma * MatrixXd::Identity(12, 12);
  EXPECT_LT((WienerMatrix(pca, sigma) * noisy - covariance).norm(), kRounding * covariance.norm());
}

TEST(Wiener, EachModeIsHalfResolvedAtTheRootOfItsEigenvalue) {
  const VectorXd lambda = KnownPca(12).eigenvalues;
  for (Index k = 0; k < 11; ++k) {
    EXPECT_NEAR(WienerGains(lambda, std::sqrt(lambda(k)))(k), 0.5, kRounding);
  }
}

TEST(Wiener, MseFormulaAgreesWithGaussianData) {
  const Pca pca = KnownPca(12);
  const Index d = 12, n = 20000;
  const double sigma = 0.5;
  const VectorXd roots = pca.eigenvalues.cwiseSqrt();
  const MatrixXd centred = pca.basis * roots.asDiagonal() * RandomMatrix(d, n, "clean");
  const MatrixXd noisy = centred + sigma * RandomMatrix(d, n, "noise");
  const MatrixXd error = WienerMatrix(pca, sigma) * noisy - centred;
  const VectorXd mse = error.colwise().squaredNorm().transpose() / static_cast<double>(d);
  const double variance = (mse.array() - mse.mean()).square().sum() / (n - 1.0);
  const double standard_error = std::sqrt(variance / n);
  const double kStandardErrors = 4;  // 20000 samples from one fixed seed; by chance 6e-5
  EXPECT_NEAR(mse.mean(), WienerMse(pca.eigenvalues, sigma), kStandardErrors * standard_error);
}

TEST(Wiener, ThrowsUnlessSigmaIsPositive) {
  const VectorXd lambda = VectorXd::Ones(2);
  EXPECT_THROW(WienerGains(lambda, 0), Error);
  EXPECT_THROW(WienerGains(lambda, -1), Error);
  EXPECT_THROW(WienerMse(lambda, std::nan("")), Error);
  Pca pca = KnownPca(12);
  pca.eigenvalues.conservativeResize(5);
  EXPECT_THROW(WienerMatrix(pca, 1), Error);
}

TEST(AutomaticSigmas, AreGeometricFromTheSmallestToThreeHalves) {
  const VectorXd sigmas = AutomaticSigmas(Eigen::Vector2d(4.45 * 4.45, 1));
  ASSERT_EQ(sigmas.size(), 12);
  EXPECT_EQ(sigmas(0), 0.02);
  EXPECT_DOUBLE_EQ(sigmas(11), 3 * 4.45);
  for (Index i = 2; i < 12; ++i) {
    EXPECT_NEAR(sigmas(i) / sigmas(i - 1), sigmas(1) / sigmas(0), kRounding);
  }
}

TEST(AutomaticSigmas, ThrowWithoutARange) {
  EXPECT_THROW(AutomaticSigmas(VectorXd::Ones(3), 1), Error);
  EXPECT_THROW(AutomaticSigmas(VectorXd()), Error);
  EXPECT_THROW(AutomaticSigmas(VectorXd::Zero(3)), Error);
}

}  // namespace
}  // namespace denoscope
