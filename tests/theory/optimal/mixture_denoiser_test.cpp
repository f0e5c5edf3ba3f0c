#include "denoscope/theory/optimal/mixture_denoiser.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/random.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/theory/optimal/empirical_denoiser.h"
#include "denoscope/theory/optimal/wiener.h"
#include "tests/support/expect_error.h"
#include "tests/support/random_mixture.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kSize = 12;
constexpr double kRounding = 1e-11;  // weights err by 1e-16 |y - m|^2/sigma^2

MatrixXd Covariance(const Pca& pca) {
  return pca.basis * pca.eigenvalues.asDiagonal() * pca.basis.transpose();
}

// Between the means, where components compete.
VectorXd Between(const GaussianMixture& mixture, std::uint64_t index) {
  RandomStream random(9, "tests/mixture y", index);
  VectorXd y = VectorXd::Zero(mixture.Size());
  for (const MixtureComponent& c : mixture.components) y += c.weight * c.pca.mean;
  for (Index i = 0; i < y.size(); ++i) y(i) += 0.1 * random.Normal();
  return y;
}

// By matrices and determinants, from the definition.
TEST(MixtureDenoiser, IsTheMeanOfThePosterior) {
  const GaussianMixture mixture = RandomMixture(kSize, 3);
  for (const double sigma : {0.2, 1.0}) {
    MatrixXd Y(kSize, 4);
    for (Index j = 0; j < 4; ++j) Y.col(j) = Between(mixture, static_cast<std::uint64_t>(j));
    const MixtureEstimate estimate = MixtureDenoise(mixture, Y, sigma);
    for (Index j = 0; j < 4; ++j) {
      VectorXd densities(3);
      MatrixXd estimates(kSize, 3);
      for (Index i = 0; i < 3; ++i) {
        const auto& [weight, pca] = mixture.components[static_cast<std::size_t>(i)];
        const MatrixXd noisy = Covariance(pca) + sigma * sigma * MatrixXd::Identity(kSize, kSize);
        const VectorXd centred = Y.col(j) - pca.mean, solved = noisy.ldlt().solve(centred);
        densities(i) = weight * std::exp(-0.5 * centred.dot(solved)) /
                       std::sqrt(std::pow(2 * M_PI, kSize) * noisy.determinant());
        estimates.col(i) = pca.mean + Covariance(pca) * solved;
      }
      const VectorXd weights = densities / densities.sum();
      EXPECT_LT((estimate.weights.col(j) - weights).norm(), kRounding);
      EXPECT_LT((estimate.denoised.col(j) - estimates * weights).norm(), kRounding);
      EXPECT_NEAR(estimate.log_density(j), std::log(densities.sum()), 1e-9);
      EXPECT_LT((ComponentEstimates(mixture, Y.col(j), sigma) - estimates).norm(), kRounding);
      if (sigma == 1) {
        EXPECT_LT(weights.maxCoeff(), 0.99) << "no competition: nothing is tested";
      }
    }
  }
}

MatrixXd Differences(const GaussianMixture& mixture, const VectorXd& y, double sigma) {
  constexpr double kStep = 1e-5;
  MatrixXd forward = y.replicate(1, y.size()), backward = forward;
  forward.diagonal().array() += kStep;
  backward.diagonal().array() -= kStep;
  return (MixtureDenoise(mixture, forward, sigma).denoised -
          MixtureDenoise(mixture, backward, sigma).denoised) /
         (2 * kStep);
}

// Differences leave h^2 |D'''| = 1e-9 or less, and rounding 1e-15/h.
TEST(MixtureDenoiser, JacobianIsTheDerivative) {
  const GaussianMixture mixture = RandomMixture(kSize, 4);
  for (const double sigma : {0.3, 1.0}) {
    const VectorXd y = Between(mixture, 1);
    const MatrixXd J = MixtureJacobian(mixture, y, sigma);
    EXPECT_LT((J - Differences(mixture, y, sigma)).cwiseAbs().maxCoeff(),
              1e-8 * J.cwiseAbs().maxCoeff());
    EXPECT_LT((J - J.transpose()).norm(), kRounding * J.norm());
    EXPECT_GT(EigenvaluesSymmetric<double>(J).minCoeff(), 0);
    const MatrixXd V = MatrixXd::Random(kSize, 3);
    EXPECT_LT((MixtureJacobianTimes(mixture, y, sigma, V) - J * V).norm(), kRounding * V.norm());
  }
}

// Tweedie: D = y + sigma^2 grad log p(y).
TEST(MixtureDenoiser, DensityAndEstimateObeyTweedie) {
  const GaussianMixture mixture = RandomMixture(kSize, 3);
  constexpr double kSigma = 0.7, kStep = 1e-5;
  const VectorXd y = Between(mixture, 2);
  MatrixXd forward = y.replicate(1, kSize), backward = forward;
  forward.diagonal().array() += kStep;
  backward.diagonal().array() -= kStep;
  const VectorXd gradient = (MixtureDenoise(mixture, forward, kSigma).log_density -
                             MixtureDenoise(mixture, backward, kSigma).log_density) /
                            (2 * kStep);
  const VectorXd denoised = MixtureDenoise(mixture, y, kSigma).denoised;
  EXPECT_LT((denoised - y - kSigma * kSigma * gradient).norm(), 1e-8);
}

TEST(MixtureDenoiser, OfOneComponentIsWieners) {
  const GaussianMixture mixture = RandomMixture(kSize, 1);
  const Pca& pca = mixture.components[0].pca;
  const VectorXd y = Between(mixture, 3);
  const MatrixXd W = WienerMatrix(pca, 0.4);
  EXPECT_LT((MixtureDenoise(mixture, y, 0.4).denoised - pca.mean - W * (y - pca.mean)).norm(),
            kRounding);
  EXPECT_LT((MixtureJacobian(mixture, y, 0.4) - W).norm(), kRounding);
  EXPECT_LT((ComponentVariances(mixture, MatrixXd::Identity(kSize, kSize), 0.4).transpose() -
             0.16 * W.diagonal())
                .norm(),
            kRounding);
}

TEST(MixtureDenoiser, OfPointsIsTheEmpirical) {
  GaussianMixture mixture = RandomMixture(kSize, 5);
  Eigen::MatrixXf X(kSize, 5);
  for (Index i = 0; i < 5; ++i) {
    auto& [weight, pca] = mixture.components[static_cast<std::size_t>(i)];
    weight = 0.2;
    pca.eigenvalues.setZero();
    pca.mean = pca.mean.cast<float>().cast<double>();
    X.col(i) = pca.mean.cast<float>();
  }
  const VectorXd y = Between(mixture, 4);
  const SampleSource source = SourceOf(X);
  EXPECT_LT(
      (MixtureDenoise(mixture, y, 0.8).denoised - EmpiricalDenoise(source, y, 0.8).denoised).norm(),
      kRounding);
  EXPECT_LT((MixtureJacobian(mixture, y, 0.8) - EmpiricalJacobian(source, y, 0.8)).norm(),
            kRounding);
}

// Far from every component all densities are 0 in float64; the nearest still wins.
TEST(MixtureDenoiser, NoWeightOverflows) {
  const GaussianMixture mixture = RandomMixture(kSize, 3);
  const VectorXd y = mixture.components[1].pca.mean + VectorXd::Constant(kSize, 1e3);
  const MixtureEstimate estimate = MixtureDenoise(mixture, y, 0.01);
  EXPECT_NEAR(estimate.weights.sum(), 1, kRounding);
  EXPECT_TRUE(estimate.denoised.allFinite());
  EXPECT_LT(estimate.log_density(0), -1000);
}

TEST(MixtureDenoiser, ThrowsOnMisuse) {
  const GaussianMixture good = RandomMixture(kSize, 2);
  const VectorXd y = VectorXd::Zero(kSize);
  ExpectError([&] { MixtureDenoise(good, y, 0); }, {"sigma is 0"});
  ExpectError([&] { MixtureDenoise(good, y.head(3), 1); }, {"y has shape (3,1), expected (12,b)"});
  ExpectError([&] { MixtureJacobianTimes(good, y, 1, MatrixXd::Zero(2, 2)); }, {"V has shape (2,"});
  ExpectError([&] { MixtureDenoise({}, y, 1); }, {"no component"});
  GaussianMixture bad = good;
  bad.components[1].weight = 0;
  ExpectError([&] { MixtureDenoise(bad, y, 1); }, {"component 1 has weight 0"});
  bad = good;
  bad.components[0].pca.eigenvalues(3) = -1;
  ExpectError([&] { MixtureDenoise(bad, y, 1); }, {"component 0 has an eigenvalue of -1"});
  bad = good;
  bad.components[1].pca.basis = MatrixXd::Identity(kSize, 2);
  ExpectError([&] { MixtureDenoise(bad, y, 1); }, {"component 1", "a basis (12,2)", "all 12"});
}

}  // namespace
}  // namespace denoscope
