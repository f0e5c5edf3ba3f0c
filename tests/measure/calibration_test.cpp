#include "denoscope/measure/calibration.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/emergence/level_tables.h"
#include "denoscope/image/tensors.h"
#include "denoscope/measure/level_measurement.h"
#include "denoscope/theory/optimal/wiener.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_images.h"

namespace denoscope {
namespace {

using Eigen::Index;

constexpr ImageShape kShape = {1, 8, 8};
constexpr std::int64_t kImages = 2000;
constexpr double kSigma = 0.2, kStandardErrors = 4;
// Float32 products in a basis kept as float32.
constexpr double kFloatRounding = 1e-5;

// D = m + (y - m) A^T, J = A for every image.
class Matrix final : public Denoiser {
 public:
  Matrix(const Eigen::MatrixXd& A, const Eigen::VectorXd& mean)
      : A_(ToTensor(A).to(torch::kFloat32)),
        mean_(ToTensor(Eigen::MatrixXd(mean.transpose())).to(torch::kFloat32)) {
    traits_.name = "matrix";
  }
  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType) override {}

 protected:
  torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor&) const override {
    return (mean_ + (y.flatten(1) - mean_).matmul(A_.t())).view_as(y);
  }

 private:
  DenoiserTraits traits_;
  torch::Tensor A_, mean_;
};

class Calibrating : public testing::Test {
 protected:
  Calibration Run(const Denoiser& denoiser, Index modes, std::int64_t images = kImages) const {
    return Calibrate({denoiser, wiener_.get(), images_},
                     {pca_->basis.leftCols(modes).cast<float>(), pca_->mean},
                     {kSigma, 0},
                     {images, 20, 250, 3});
  }
  Eigen::MatrixXd WienerMatrix() const {
    return pca_->basis * WienerGains(pca_->eigenvalues, kSigma).asDiagonal() *
           pca_->basis.transpose();
  }

  const ImageSet images_ = TinyImages("test", kImages, kShape);
  const std::shared_ptr<const Pca> pca_ = std::make_shared<const Pca>(PcaOf(images_));
  const std::unique_ptr<Denoiser> wiener_ = MakeWienerDenoiser(pca_, kShape);
};

TEST_F(Calibrating, WienerIsCalibratedAsAWholeAndByMode) {
  const Calibration c = Run(*wiener_, 6);
  EXPECT_EQ(c.images, kImages);
  EXPECT_NEAR(c.whole.value, 1, kStandardErrors * c.whole.error);
  EXPECT_LT(c.whole.error, 0.02);
  const Eigen::VectorXd gains = WienerGains(pca_->eigenvalues, kSigma);
  for (Index k = 0; k < 6; ++k) {
    // A matrix that is diagonal in the modes leaves nothing for the signs to get wrong.
    EXPECT_NEAR(c.gains[k], gains[k], kFloatRounding) << k;
    EXPECT_LT(c.gain_errors[k], kFloatRounding) << k;
    EXPECT_NEAR(c.ratios[k], 1, kStandardErrors * c.ratio_errors[k]) << k;
    // A mean of n squares of normals has the relative error sqrt(2/n).
    EXPECT_NEAR(c.ratio_errors[k], std::sqrt(2.0 / kImages), 0.2 * std::sqrt(2.0 / kImages)) << k;
  }
  EXPECT_LT(c.distance.value, kFloatRounding);
  EXPECT_NEAR(c.slope.value, 1, kStandardErrors * c.slope.error);
  EXPECT_LT(c.slope.error, 0.01);
}

// D = m + a (y - m) with the a of least error: a = S/(S + d sigma^2), S the sum of the variances.
TEST_F(Calibrating, TheBestMultiplePassesAsAWholeAndFailsByMode) {
  const double variance = kSigma * kSigma, sum = pca_->eigenvalues.sum();
  const auto d = static_cast<double>(kShape.Size());
  const double a = sum / (sum + d * variance);
  const Matrix multiple(a * Eigen::MatrixXd::Identity(kShape.Size(), kShape.Size()), pca_->mean);
  const Calibration c = Run(multiple, 64);
  EXPECT_NEAR(c.whole.value, 1, kStandardErrors * c.whole.error);
  for (const Index k : {0, 2, 30}) {
    const double error = (1 - a) * (1 - a) * pca_->eigenvalues[k] + a * a * variance;
    EXPECT_NEAR(c.ratios[k], variance * a / error, kStandardErrors * c.ratio_errors[k]) << k;
    EXPECT_GT(std::abs(c.ratios[k] - 1), 10 * c.ratio_errors[k]) << k;
  }
  const Eigen::VectorXd gains = WienerGains(pca_->eigenvalues, kSigma);
  const double distance =
      (Eigen::VectorXd::Constant(gains.size(), a) - gains).norm() / gains.norm();
  EXPECT_NEAR(c.distance.value, distance, kStandardErrors * c.distance.error + kFloatRounding);
}

TEST_F(Calibrating, AMatrixOffTheModesIsMeasuredWithinItsErrors) {
  std::srand(5);
  const Eigen::MatrixXd A =
      WienerMatrix() + 0.02 * Eigen::MatrixXd::Random(kShape.Size(), kShape.Size());
  const Calibration c = Run(Matrix(A, pca_->mean), 6);
  for (Index k = 0; k < 6; ++k) {
    const Eigen::VectorXd u = pca_->basis.col(k);
    EXPECT_NEAR(c.gains[k], u.dot(A * u), kStandardErrors * c.gain_errors[k]) << k;
    EXPECT_GT(c.gain_errors[k], 0) << k;
  }
  const double distance = (A - WienerMatrix()).norm() / WienerMatrix().norm();
  EXPECT_NEAR(c.distance.value, distance, kStandardErrors * c.distance.error);
  EXPECT_LT(c.distance.error, 0.02 * distance);
}

TEST_F(Calibrating, WithoutModesAndWienerGivesTheWhole) {
  const Calibration c = Calibrate({*wiener_, nullptr, images_}, {}, {kSigma, 0}, {500, 20, 200, 3});
  EXPECT_EQ(c.images, 500);
  EXPECT_EQ(c.gains.size(), 0);
  EXPECT_TRUE(std::isnan(c.distance.value));
  EXPECT_TRUE(std::isnan(c.slope.value));
  EXPECT_NEAR(c.whole.value, 1, kStandardErrors * c.whole.error);
}

// D = m + c (y - m) in the modes that vary: x on D has the slope sum lambda / (c sum (lambda +
// s^2)).
TEST_F(Calibrating, TheSlopeTellsTooMuchShrinkageFromTooLittle) {
  const double kept =
      pca_->eigenvalues.sum() / (pca_->eigenvalues.sum() + kSigma * kSigma * kShape.Size());
  for (const double c : {0.2, 1.0}) {
    const Matrix multiple(c * Eigen::MatrixXd::Identity(kShape.Size(), kShape.Size()), pca_->mean);
    const Calibration found = Run(multiple, 0);
    EXPECT_NEAR(found.slope.value, kept / c, kStandardErrors * found.slope.error) << c;
    EXPECT_LT(found.slope.error, 0.02 * kept / c) << c;
  }
}

// Also where noise hides every mode and both entries hang on the variance of the images at hand.
TEST_F(Calibrating, TheLedgerOfTheLinearOptimumAgreesInAnyNoise) {
  constexpr Index kModes = 20;
  Reference reference;
  reference.lambda = pca_->eigenvalues;
  for (const double sigma : {0.05, 0.5, 10.0}) {
    const Evaluation e = MeasureLevel({*wiener_, wiener_.get(), images_},
                                      {pca_->basis.leftCols(kModes).cast<float>(), pca_->mean},
                                      {sigma, 0},
                                      {kImages, 20, 250, 3});
    Cell cell;
    cell.sigma = sigma;
    const Table levels = LevelsTable({cell}, {e}, reference);
    // 20 modes at 95 %: fewer than 16 in 0.3 % of trials.
    EXPECT_GE(std::stod(levels.rows[0][levels.Column("ledger_agrees")]), 0.8) << sigma;
    const Table ledger = LedgerTable({e}, reference);
    for (const auto& row : ledger.rows)
      EXPECT_LT(std::abs(std::stod(row[ledger.Column("above_wiener")])), 3) << sigma;
  }
}

TEST_F(Calibrating, StopsWhenCancelled) {
  RequestCancel();
  EXPECT_THROW(Run(*wiener_, 0), Interrupted);
  ClearCancel();
}

}  // namespace
}  // namespace denoscope
