#include "denoscope/measure/evaluation.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/theory/frequency/emergence.h"
#include "denoscope/theory/optimal/wiener.h"
#include "tests/support/expect_error.h"
#include "tests/support/tiny_images.h"

namespace denoscope {
namespace {

using Eigen::Index;

constexpr ImageShape kShape = {1, 8, 8};
constexpr std::int64_t kImages = 3000;
constexpr Index kModes = 6;  // as many as the images have
// Float32 projections, squared and averaged.
constexpr double kFloatRounding = 1e-5;

// D = scale y + offset; also the identity, the zero and the constant denoiser.
class Affine final : public Denoiser {
 public:
  Affine(float scale, torch::Tensor offset) : scale_(scale), offset_(std::move(offset)) {
    traits_.name = "affine";
  }
  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType) override {}

 protected:
  torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor&) const override {
    return scale_ * y + offset_;
  }

 private:
  DenoiserTraits traits_;
  float scale_;
  torch::Tensor offset_;
};

// Knows the images, and that they come in order.
class Oracle final : public Denoiser {
 public:
  explicit Oracle(const ImageSet& images) : images_(images) {}
  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType) override {}

 protected:
  torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor&) const override {
    next_ += y.size(0);
    return images_.Range(next_ - y.size(0), next_);
  }

 private:
  DenoiserTraits traits_;
  const ImageSet& images_;
  mutable std::int64_t next_ = 0;
};

class Evaluating : public testing::Test {
 protected:
  Evaluation Run(const Denoiser& denoiser, double sigma, std::int64_t sigma_index = 0) const {
    return Run(denoiser, sigma, sigma_index, images_, options_);
  }
  Evaluation Run(const Denoiser& denoiser,
                 double sigma,
                 std::int64_t sigma_index,
                 const ImageSet& images,
                 const EvaluationOptions& options) const {
    return Evaluate({denoiser, wiener_.get(), images},
                    {basis_, pca_->mean, &dct_},
                    {sigma, sigma_index},
                    options);
  }
  double Gain(Index k, double sigma) const { return WienerGains(pca_->eigenvalues, sigma)[k]; }

  // With r = 1 - g, e = (1-g) a - g sigma z and a Gaussian, the ratio of the means of e^2 and a^2
  // over n images has the standard error 2 r sqrt(g) / sqrt(n) (delta method).
  static double WienerError(double g, double n) { return 2 * (1 - g) * std::sqrt(g / n); }

  const ImageSet images_ = TinyImages("test", kImages, kShape);
  const std::shared_ptr<const Pca> pca_ = std::make_shared<const Pca>(PcaOf(images_));
  const Eigen::MatrixXf basis_ = pca_->basis.leftCols(kModes).cast<float>();
  const DctBasis dct_{kShape};
  const std::unique_ptr<Denoiser> wiener_ = MakeWienerDenoiser(pca_, kShape);
  const EvaluationOptions options_ = {kImages, 200, 250, 3};
};

TEST_F(Evaluating, WienerResolvesWhatItsGainsSay) {
  constexpr double kStandardErrors = 4;
  std::int64_t index = 0;
  for (const double sigma : {0.05, 0.2, 0.6}) {
    const Evaluation e = Run(*wiener_, sigma, index++);
    for (Index k = 0; k < kModes; ++k) {
      const double g = Gain(k, sigma);
      EXPECT_NEAR(e.resolved[k], g, kStandardErrors * WienerError(g, kImages)) << k;
      const double mode_error = sigma * sigma * g;  // calibration, mode by mode
      EXPECT_NEAR(
          e.mode_error[k], mode_error, kStandardErrors * std::sqrt(2.0 / kImages) * mode_error);
    }
    EXPECT_EQ(e.resolved, e.linear_resolved);
    EXPECT_EQ(e.mse, e.linear_mse);
    // The same images as those Wiener was fitted to, so that its expected MSE is exact.
    EXPECT_NEAR(e.mse, WienerMse(pca_->eigenvalues, sigma), kStandardErrors * e.mse_error);
  }
}

TEST_F(Evaluating, TheIdentityResolvesOneMinusSigmaSquaredOverLambda) {
  constexpr double kSigma = 0.2, kStandardErrors = 4;
  const Affine identity(1, torch::zeros({1}));
  const Evaluation e = Run(identity, kSigma);
  for (Index k = 0; k < kModes; ++k) {
    const double ratio = kSigma * kSigma / pca_->eigenvalues[k];
    EXPECT_NEAR(e.resolved[k], 1 - ratio, kStandardErrors * std::sqrt(2.0 / kImages) * ratio);
  }
  // |z|^2 over d = 64 pixels of 3000 images.
  const double mse = kSigma * kSigma;
  EXPECT_NEAR(e.mse, mse, kStandardErrors * mse * std::sqrt(2.0 / (64.0 * kImages)));
  EXPECT_NEAR(e.mse_error, mse * std::sqrt(2.0 / (64.0 * kImages)), 0.1 * e.mse_error);
}

TEST_F(Evaluating, TheMeanResolvesNothingAndAnOracleAll) {
  const torch::Tensor mean =
      torch::tensor(std::vector<double>(pca_->mean.begin(), pca_->mean.end()))
          .to(torch::kFloat32)
          .view({1, 1, 8, 8});
  const Evaluation none = Run(Affine(0, mean), 0.3);
  const Evaluation all = Run(Oracle(images_), 0.3);
  for (Index k = 0; k < kModes; ++k) {
    EXPECT_NEAR(none.resolved[k], 0, kFloatRounding);
    EXPECT_EQ(all.resolved[k], 1);
  }
  EXPECT_NEAR(none.mse, pca_->eigenvalues.sum() / 64, 1e-3 * none.mse);  // (n-1)/n and rounding
  EXPECT_EQ(all.mse, 0);
}

TEST_F(Evaluating, BootstrapSpreadIsTheStandardError) {
  constexpr double kSigma = 0.2;
  const Evaluation e = Run(*wiener_, kSigma);
  ASSERT_EQ(e.replicates.rows(), 200);
  ASSERT_EQ(e.replicates.cols(), kModes);
  for (Index k = 0; k < kModes; ++k) {
    const Eigen::VectorXd column = e.replicates.col(k).cast<double>();
    const std::vector<double> replicates(column.begin(), column.end());
    const double expected = WienerError(Gain(k, kSigma), kImages);
    // A deviation from 200 replicates has a relative error of 1/sqrt(400) = 5 %, the kurtosis of
    // 3000 images adds 3 %: four of both together.
    EXPECT_NEAR(StandardDeviation(replicates), expected, 0.24 * expected);
    const Interval interval = PercentileInterval(replicates);
    EXPECT_LT(interval.low, e.resolved[k]);
    EXPECT_GT(interval.high, e.resolved[k]);
  }
}

TEST_F(Evaluating, BootstrapIntervalsCoverTheTruth) {
  constexpr std::int64_t kSetsOf = 100;
  constexpr double kSigma = 0.2;
  int covered = 0;
  EvaluationOptions options = options_;
  options.images = kSetsOf;
  for (std::int64_t i = 0; i < 30; ++i) {
    options.seed = static_cast<std::uint64_t>(i);
    const Evaluation e =
        Run(*wiener_, kSigma, 0, images_.Subset(i * kSetsOf, (i + 1) * kSetsOf), options);
    for (Index k = 0; k < kModes; ++k) {
      const Eigen::VectorXd column = e.replicates.col(k).cast<double>();
      const Interval interval = PercentileInterval({column.begin(), column.end()});
      if (interval.low <= Gain(k, kSigma) && Gain(k, kSigma) <= interval.high) ++covered;
    }
  }
  // 180 intervals, nominal 95 %; with 100 skewed errors each, percentile intervals cover a few per
  // cent less. At 92 % the count is 166 +- 3.6: four sigmas below are 151.
  EXPECT_GE(covered, 151);
}

// An error that depends on the image alone shows which images a replicate holds.
TEST_F(Evaluating, ReplicatesShareTheirImagesAcrossNoiseLevels) {
  const Affine zero(0, torch::zeros({1}));
  const Evaluation low = Run(zero, 0.1, 0), high = Run(zero, 1.0, 1);
  EXPECT_EQ(low.replicates, high.replicates);
  EXPECT_NE(low.linear_replicates, high.linear_replicates);
  EXPECT_NE(low.replicates.row(0), low.replicates.row(1));
}

TEST_F(Evaluating, IsReproducibleAndSeededByNoiseLevel) {
  EvaluationOptions options = options_;
  options.images = 100;
  const Affine identity(1, torch::zeros({1}));
  const auto mse = [&](std::int64_t index) {
    return Run(identity, 0.2, index, images_, options).mse;
  };
  const double first = mse(0);
  EXPECT_EQ(mse(0), first);
  EXPECT_NE(mse(1), first);
  options.seed = 4;
  EXPECT_NE(mse(0), first);
}

// A band resolves what its DCT vectors do together; for Wiener, what it resolves of itself is all.
TEST_F(Evaluating, BandsTogetherAreTheWhole) {
  const Evaluation e = Run(*wiener_, 0.2);
  const DctBands bands = MakeBands(dct_);
  ASSERT_EQ(e.band_resolved.size(), bands.size.size());
  double error = 0, variance = 0;
  for (Index b = 0; b < bands.size.size(); ++b) {
    if (bands.size[b] == 0) continue;
    variance += bands.size[b] * e.band_variance[b];
    error += bands.size[b] * e.band_variance[b] * (1 - e.band_resolved[b]);
  }
  const auto d = static_cast<double>(kShape.Size());
  EXPECT_NEAR(error / d, e.mse, 1e-5 * e.mse);
  EXPECT_NEAR(variance, pca_->eigenvalues.sum(), 0.01 * variance);
  EXPECT_NEAR(e.linear_explained, 1, 1e-6);
  EXPECT_EQ(e.band_replicates.rows(), 200);
}

TEST_F(Evaluating, WithoutATrainingSetGivesTheErrorAlone) {
  const Affine identity(1, torch::zeros({1}));
  const Evaluation e = Evaluate({identity, nullptr, images_}, {}, {0.2, 0}, {100, 20, 30, 0});
  EXPECT_EQ(e.images, 100);
  EXPECT_GT(e.mse, 0);
  EXPECT_TRUE(std::isnan(e.linear_mse));
  EXPECT_EQ(e.resolved.size(), 0);
}

TEST_F(Evaluating, StopsWhenCancelled) {
  RequestCancel();
  EXPECT_THROW(Run(*wiener_, 0.2), Interrupted);
  ClearCancel();
}

TEST(EvaluationOptions, OutsideTheLegalRangeThrows) {
  const auto refused = [](const EvaluationOptions& options) {
    ExpectError([&] { options.Check(); }, {"evaluation", "at least 2 images", "20 replicates"});
  };
  refused({1, 200, 250, 0});
  refused({-5, 200, 250, 0});
  refused({100, 19, 250, 0});
  refused({100, 200, 0, 0});
  EXPECT_NO_THROW((EvaluationOptions{0, 20, 1, 0}.Check()));
}

}  // namespace
}  // namespace denoscope
