#include "denoscope/theory/frequency/synthetic_spectrum.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;

TEST(SyntheticSpectra, HaveTheirShapeAndTotal) {
  const VectorXd power = PowerLawSpectrum(50, {1.5, 7, 0});
  EXPECT_NEAR(power.sum(), 7, kRounding);
  EXPECT_NEAR(power(0) / power(9), std::pow(10.0, 1.5), 100 * kRounding);
  const VectorXd cut = PowerLawSpectrum(50, {1.5, 7, 20});
  EXPECT_NEAR(cut.sum(), 7, kRounding);
  EXPECT_GT(cut(19), 0);
  EXPECT_EQ(cut.tail(30).maxCoeff(), 0);
  const VectorXd rank = RankSpectrum(10, 4, 2);
  EXPECT_EQ(rank.head(4), VectorXd::Constant(4, 0.5));
  EXPECT_EQ(rank.tail(6), VectorXd::Zero(6));
  const VectorXd spiked = SpikedSpectrum(5, {3, 2}, 0.25);
  EXPECT_EQ(spiked(1), 2);
  EXPECT_EQ(spiked.tail(3), VectorXd::Constant(3, 0.25));
}

TEST(SyntheticSpectra, RejectWhatIsNoSpectrum) {
  EXPECT_THROW(PowerLawSpectrum(5, {-1, 1, 0}), Error);
  EXPECT_THROW(PowerLawSpectrum(5, {1, 0, 0}), Error);
  EXPECT_THROW(PowerLawSpectrum(5, {1, 1, 6}), Error);
  EXPECT_THROW(RankSpectrum(5, 0, 1), Error);
  EXPECT_THROW(SpikedSpectrum(5, {2, 3}, 0), Error);
  EXPECT_THROW(SpikedSpectrum(5, {2, 1}, 1.5), Error);
  EXPECT_THROW(SpikedSpectrum(1, {2, 1}, 0), Error);
  const auto message = [](const VectorXd& lambda) {
    try {
      GaussianImages({1, 1, 3}, lambda);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(Eigen::Vector3d(1, -0.5, 0)),
            "spectrum: eigenvalue 1 is -0.5, expected a finite number of at least 0");
  EXPECT_NE(message(Eigen::Vector3d(1, std::nan(""), 0)), "");
  EXPECT_NE(message(VectorXd::Zero(3)), "");
  EXPECT_NE(message(VectorXd::Ones(2)), "");
}

TEST(GaussianImages, CovarianceIsTheBasisTimesTheSpectrum) {
  const VectorXd lambda = PowerLawSpectrum(3 * 4 * 5, {1, 3, 0});
  const GaussianImages images({3, 4, 5}, lambda);
  const MatrixXd U = images.Basis(60);
  EXPECT_LT((U.transpose() * U - MatrixXd::Identity(60, 60)).norm(), kRounding * 60);
  EXPECT_LT((images.Covariance() - U * lambda.asDiagonal() * U.transpose()).norm(), kRounding);
  const VectorXd frequencies = images.Frequencies();
  for (Index k = 1; k < 60; ++k) EXPECT_GE(frequencies(k), frequencies(k - 1));
  const VectorXd mean_frequencies = DctBasis({3, 4, 5}).MeanFrequency(U);
  EXPECT_LT((mean_frequencies - frequencies).norm(), kRounding * frequencies.norm());
}

TEST(GaussianImages, ReversedOrderPutsVarianceOnHighFrequencies) {
  const VectorXd lambda = PowerLawSpectrum(36, {2, 1, 0});
  const GaussianImages images({1, 6, 6}, lambda, ModeOrder::kHighFrequencyFirst);
  EXPECT_EQ(images.Frequencies()(35), 0);
  EXPECT_EQ(images.Frequencies()(0), DctBasis({1, 6, 6}).MaxFrequency());
  EXPECT_EQ(images.Eigenvalues(), lambda);
}

TEST(GaussianImages, AnyRangeOfSamplesIsTheSameBytes) {
  const GaussianImages images({1, 5, 4}, PowerLawSpectrum(20, {}));
  const MatrixXf all = images.Samples(8, 0, 300);
  EXPECT_EQ(images.Samples(8, 250, 300), MatrixXf(all.rightCols(50)));
  EXPECT_EQ(images.Samples(8, 7, 8), MatrixXf(all.col(7)));
  EXPECT_NE(images.Samples(9, 7, 8), MatrixXf(all.col(7)));
  EXPECT_THROW(images.Samples(8, 3, 2), Error);
}

// Scores u_k^T (x - m) / sqrt(lambda_k) are N(0,1) and independent. 4000 samples: a mean errs by
// 0.0158, a variance by 0.0224, a correlation by 0.0158; the largest of 12, 12 and 66 within five.
TEST(GaussianImages, SamplesHaveTheStatedMomentsWithinFiveSigmas) {
  const VectorXd lambda = PowerLawSpectrum(12, {1.5, 4, 0}), mean = VectorXd::LinSpaced(12, 0, 1);
  const GaussianImages images({1, 3, 4}, lambda, ModeOrder::kLowFrequencyFirst, mean);
  const Index n = 4000;
  const MatrixXd centred = images.Samples(21, 0, n).cast<double>().colwise() - mean;
  const MatrixXd scores =
      lambda.cwiseSqrt().cwiseInverse().asDiagonal() * (images.Basis(12).transpose() * centred);
  EXPECT_LT(scores.rowwise().mean().cwiseAbs().maxCoeff(), 5 * std::sqrt(1.0 / n));
  MatrixXd products = scores * scores.transpose() / n - MatrixXd::Identity(12, 12);
  EXPECT_LT(products.diagonal().cwiseAbs().maxCoeff(), 5 * std::sqrt(2.0 / n));
  products.diagonal().setZero();
  EXPECT_LT(products.cwiseAbs().maxCoeff(), 5 * std::sqrt(1.0 / n));
}

}  // namespace
}  // namespace denoscope
