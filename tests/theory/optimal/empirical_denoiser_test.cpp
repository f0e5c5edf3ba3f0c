#include "denoscope/theory/optimal/empirical_denoiser.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/linalg/dense_spectrum.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kRounding = 1e-11;  // weights err by 1e-16 |x|^2 / sigma^2

MatrixXf Samples(Index d, Index n) {
  RandomStream random(6, "samples");
  MatrixXf X(d, n);
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = static_cast<float>(random.Uniform());
  return X;
}

SampleSource InBlocks(const MatrixXf& X, std::int64_t block) {
  SampleSource source = SourceOf(X);
  source.block = block;
  return source;
}

VectorXd Noisy(const MatrixXf& X, Index i, double sigma) {
  RandomStream random(7, "noise", static_cast<std::uint64_t>(i));
  VectorXd y = X.col(i).cast<double>();
  for (Index j = 0; j < y.size(); ++j) y(j) += sigma * random.Normal();
  return y;
}

VectorXd WeightsByDefinition(const MatrixXf& X, const VectorXd& y, double sigma) {
  const MatrixXd distances = X.cast<double>().colwise() - y;
  VectorXd logs = distances.colwise().squaredNorm().transpose() / (-2 * sigma * sigma);
  logs.array() -= logs.maxCoeff();
  const VectorXd weights = logs.array().exp();
  return weights / weights.sum();
}

TEST(EmpiricalDenoiser, IsTheWeightedMeanOfItsSamples) {
  const MatrixXf X = Samples(8, 37);
  for (const double sigma : {0.1, 0.5, 3.0}) {
    MatrixXd Y(8, 3);
    for (Index j = 0; j < 3; ++j) Y.col(j) = Noisy(X, j, sigma);
    for (const std::int64_t block : {1, 10, 37}) {
      const EmpiricalEstimate estimate = EmpiricalDenoise(InBlocks(X, block), Y, sigma);
      for (Index j = 0; j < 3; ++j) {
        const VectorXd weights = WeightsByDefinition(X, Y.col(j), sigma);
        const VectorXd expected = X.cast<double>() * weights;
        EXPECT_LT((estimate.denoised.col(j) - expected).norm(), kRounding);
        EXPECT_NEAR(estimate.effective_samples(j), 1 / weights.squaredNorm(), 37 * kRounding);
      }
    }
  }
}

TEST(EmpiricalDenoiser, JacobianIsTheDerivative) {
  const MatrixXf X = Samples(6, 40);
  const SampleSource source = InBlocks(X, 7);
  const double sigma = 0.3, h = 1e-5;
  const VectorXd y = Noisy(X, 3, sigma);
  const MatrixXd J = EmpiricalJacobian(source, y, sigma);
  MatrixXd forward = y.replicate(1, 6), backward = forward;
  forward.diagonal().array() += h;
  backward.diagonal().array() -= h;
  const MatrixXd differences = (EmpiricalDenoise(source, forward, sigma).denoised -
                                EmpiricalDenoise(source, backward, sigma).denoised) /
                               (2 * h);
  // Third derivatives of order 1/sigma^3 leave h^2 / sigma^3 = 4e-9, rounding 1e-13 / h = 1e-8.
  EXPECT_LT((J - differences).norm(), 1e-7);
  EXPECT_GT(J.norm(), 0.1);
}

TEST(EmpiricalDenoiser, JacobianIsSymmetricAndPositiveSemidefinite) {
  const MatrixXf X = Samples(12, 9);  // rank at most 8
  for (const double sigma : {0.02, 0.2, 1.0}) {
    const MatrixXd J = EmpiricalJacobian(SourceOf(X), Noisy(X, 1, sigma), sigma);
    EXPECT_EQ(J, MatrixXd(J.transpose()));
    const VectorXd values = EigenSymmetric<double>(J).values;
    EXPECT_GE(values.minCoeff(), -kRounding * (1 + values(0)));
    EXPECT_LT(values(8), kRounding * (1 + values(0)));
  }
}

TEST(EmpiricalDenoiser, ProductNeedsNoMatrix) {
  const MatrixXf X = Samples(10, 60);
  const VectorXd y = Noisy(X, 5, 0.4);
  const MatrixXd V = Samples(10, 3).cast<double>();
  const MatrixXd expected = EmpiricalJacobian(SourceOf(X), y, 0.4) * V;
  EXPECT_LT((EmpiricalJacobianTimes(InBlocks(X, 13), y, 0.4, V) - expected).norm(), kRounding);
  EXPECT_THROW(EmpiricalJacobianTimes(SourceOf(X), y, 0.4, MatrixXd::Zero(9, 1)), Error);
}

TEST(EmpiricalDenoiser, MemorisesAtLowNoiseAndAveragesAtHighNoise) {
  const MatrixXf X = Samples(20, 30);
  const VectorXd y = Noisy(X, 4, 1e-4);
  const EmpiricalEstimate near = EmpiricalDenoise(SourceOf(X), y, 1e-4);
  EXPECT_EQ(near.denoised.col(0), VectorXd(X.col(4).cast<double>()));
  EXPECT_EQ(near.effective_samples(0), 1);
  EXPECT_EQ(EmpiricalJacobian(SourceOf(X), y, 1e-4), MatrixXd::Zero(20, 20));
  const EmpiricalEstimate far = EmpiricalDenoise(SourceOf(X), y, 1e4);
  EXPECT_LT((far.denoised.col(0) - X.cast<double>().rowwise().mean()).norm(), 1e-6);
  EXPECT_NEAR(far.effective_samples(0), 30, 1e-6);
}

// Half way between two samples the slope along their difference is |x_1 - x_0|^2 / (4 sigma^2).
TEST(EmpiricalDenoiser, IsSteeperThanOneBetweenSamples) {
  MatrixXf X = MatrixXf::Zero(2, 2);
  X(0, 1) = 1;
  const MatrixXd J = EmpiricalJacobian(SourceOf(X), Eigen::Vector2d(0.5, 0.2), 0.1);
  EXPECT_NEAR(J(0, 0), 25, kRounding);
  EXPECT_EQ(J(1, 1), 0);
}

TEST(EmpiricalDenoiser, ThrowsOnMisuse) {
  const SampleSource source = SourceOf(Samples(4, 5));
  EXPECT_THROW(EmpiricalDenoise(source, MatrixXd::Zero(4, 1), 0), Error);
  EXPECT_THROW(EmpiricalDenoise(source, MatrixXd::Zero(5, 1), 1), Error);
  EXPECT_THROW(EmpiricalDenoise(source, MatrixXd::Constant(4, 1, std::nan("")), 1), Error);
  EXPECT_THROW(EmpiricalJacobian(source, VectorXd::Zero(3), 1), Error);
}

}  // namespace
}  // namespace denoscope
