#include "denoscope/verdict/verdict.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"
#include "denoscope/measure/pca_reference.h"
#include "tests/support/gaussian_network.h"
#include "tests/support/planted_denoiser.h"
#include "tests/support/tiny_images.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

constexpr ImageShape kShape = {1, 8, 8};

class VerdictTest : public testing::Test {
 protected:
  std::vector<Check> Checks(const Denoiser& denoiser) const {
    VerdictOptions options;
    options.evaluation.images = 600;
    return VerdictOn(denoiser,
                     {images_, &training_, pca_},
                     {0.05, 0.15, 0.4},
                     options,
                     [](const Progress&) {})
        .checks;
  }
  static Check Find(const std::vector<Check>& checks, const std::string& name) {
    for (const Check& check : checks)
      if (check.name == name) return check;
    ADD_FAILURE() << "no check of name " << name;
    return {};
  }
  static std::string Failures(const std::vector<Check>& checks) {
    std::string failed;
    for (const Check& check : checks)
      if (check.outcome == Outcome::kFail) failed += check.name + ": " + check.finding + "\n";
    return failed;
  }

  const ImageSet training_ = TinyImages("train", 1500, kShape, 1);
  const ImageSet images_ = TinyImages("test", 600, kShape, 2);
  const std::shared_ptr<const Pca> pca_ = std::make_shared<const Pca>(PcaOf(training_));
};

TEST_F(VerdictTest, WienerPassesAll) {
  const auto checks = Checks(*MakeWienerDenoiser(pca_, kShape));
  for (const Check& check : checks)
    EXPECT_EQ(check.outcome, Outcome::kPass) << check.name << ": " << check.finding;
  EXPECT_EQ(checks.size(), 8u);
}

TEST_F(VerdictTest, TheIdentityDoesNotDenoise) {
  const PlantedDenoiser identity(
      [](const torch::Tensor& y, const torch::Tensor&) { return y * 1; });
  const auto checks = Checks(identity);
  EXPECT_EQ(Find(checks, "denoises").outcome, Outcome::kFail);
  EXPECT_EQ(Find(checks, "shrinkage").outcome, Outcome::kFail);
  EXPECT_NE(Find(checks, "shrinkage").finding.find("keeps noise"), std::string::npos);
}

TEST_F(VerdictTest, RandomWeightsDoNotDenoise) {
  const auto checks = Checks(*TinyDenoiser(TinyDescription("conditioned")));
  EXPECT_EQ(Find(checks, "denoises").outcome, Outcome::kFail) << Find(checks, "denoises").finding;
  // Some reading shrinks better than the declared one; that would not make it a denoiser.
  const Check reading = Find(checks, "reading");
  EXPECT_NE(reading.outcome, Outcome::kFail) << reading.finding;
}

// Wiener's for three times the noise.
class OverSmoothing final : public Denoiser {
 public:
  explicit OverSmoothing(std::unique_ptr<Denoiser> wiener) : wiener_(std::move(wiener)) {}
  const DenoiserTraits& Traits() const override { return wiener_->Traits(); }
  void SetType(torch::ScalarType type) override { wiener_->SetType(type); }

 protected:
  torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor& sigma) const override {
    return wiener_->Denoise(y, 3 * sigma);
  }

 private:
  std::unique_ptr<Denoiser> wiener_;
};

TEST_F(VerdictTest, OverSmoothingIsNamed) {
  const auto checks = Checks(OverSmoothing(MakeWienerDenoiser(pca_, kShape)));
  const Check shrinkage = Find(checks, "shrinkage");
  EXPECT_EQ(shrinkage.outcome, Outcome::kFail) << shrinkage.finding;
  EXPECT_NE(shrinkage.finding.find("over-smooths"), std::string::npos) << shrinkage.finding;
  EXPECT_NE(Find(checks, "denoises").outcome, Outcome::kFail);
}

TEST_F(VerdictTest, MemorisingIsNamed) {
  const auto checks = Checks(*MakeEmpiricalDenoiser(SourceOf(training_), kShape));
  const Check generalises = Find(checks, "generalises");
  EXPECT_EQ(generalises.outcome, Outcome::kFail) << generalises.finding;
  EXPECT_NE(generalises.finding.find("J is 0.00 from the memorising optimum's"), std::string::npos)
      << generalises.finding;
}

// Of a few images, fewer than those that the error is averaged over.
TEST_F(VerdictTest, MemorisingAFewIsNamed) {
  const ImageSet few = training_.Subset(0, 50);
  const auto denoiser = MakeEmpiricalDenoiser(SourceOf(few), kShape);
  VerdictOptions options;
  options.evaluation.images = 600;
  const Verdict verdict = VerdictOn(
      *denoiser, {images_, &few, pca_}, {0.05, 0.15, 0.4}, options, [](const Progress&) {});
  EXPECT_EQ(Find(verdict.checks, "generalises").outcome, Outcome::kFail);
}

TEST_F(VerdictTest, AnAsymmetricJacobianIsDoubted) {
  // Wiener's estimate and a part of the one below of the noise: J is skew by that.
  class Skew final : public Denoiser {
   public:
    explicit Skew(std::unique_ptr<Denoiser> wiener) : wiener_(std::move(wiener)) {}
    const DenoiserTraits& Traits() const override { return wiener_->Traits(); }
    void SetType(torch::ScalarType type) override { wiener_->SetType(type); }

   protected:
    torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor& sigma) const override {
      return wiener_->Denoise(y, sigma) + 0.05 * (y.roll(1, 3) - y.roll(-1, 3));
    }

   private:
    std::unique_ptr<Denoiser> wiener_;
  };
  const Check check = Find(Checks(Skew(MakeWienerDenoiser(pca_, kShape))), "symmetry");
  EXPECT_EQ(check.outcome, Outcome::kDoubt) << check.finding;
}

// One known denoiser, written in twelve parameterisations and declared as another: the verdict has
// to fail the declared reading and name the right one.
class MisdeclaredTest : public testing::Test {
 protected:
  static Parameterisation Reading(Prediction prediction,
                                  SigmaInput input = SigmaInput::kScalar,
                                  ValueRange range = {},
                                  const char* schedule = "linear") {
    Parameterisation p;
    p.prediction = prediction;
    p.sigma_input = input;
    p.range = range;
    if (input == SigmaInput::kTimestep) p.schedule = NoiseSchedule::Named(schedule);
    return p;
  }

  const GaussianTruth truth_ = RandomGaussian(4, 5);
  const std::vector<double> sigmas_ = {0.05, 0.15, 0.4, 1};
};

TEST_F(MisdeclaredTest, IsToldApartAndPutRight) {
  using P = Prediction;
  using S = SigmaInput;
  const ValueRange symmetric{-1, 1}, bytes{0, 255};
  const std::vector<std::pair<Parameterisation, Parameterisation>> pairs = {
      {Reading(P::kX0), Reading(P::kResidual)},
      {Reading(P::kResidual), Reading(P::kX0)},
      {Reading(P::kEps), Reading(P::kX0)},
      {Reading(P::kEps), Reading(P::kResidual)},
      {Reading(P::kEps, S::kTimestep, symmetric), Reading(P::kX0, S::kTimestep, symmetric)},
      {Reading(P::kEps, S::kTimestep, symmetric), Reading(P::kEps, S::kTimestep)},
      {Reading(P::kEps, S::kTimestep, symmetric),
       Reading(P::kEps, S::kTimestep, symmetric, "cosine")},
      {Reading(P::kV), Reading(P::kEps)},
      {Reading(P::kScore), Reading(P::kResidual)},
      {Reading(P::kEdm, S::kLog, symmetric), Reading(P::kX0, S::kLog, symmetric)},
      {Reading(P::kX0, S::kScalar, bytes), Reading(P::kX0)},
      {Reading(P::kEdm, S::kLog), Reading(P::kEdm, S::kScalar)}};
  const std::vector<double> multiples(sigmas_.size(), 1e9);  // beaten by all
  torch::manual_seed(2);
  const Eigen::MatrixXd root =
      ToMatrixD(torch::linalg_cholesky(truth_.covariance + 1e-9 * truth_.Identity()));
  const torch::Tensor x =
      (truth_.mean + torch::randn({16, 20}, torch::kFloat64).matmul(ToTensor(root).t()))
          .view({16, 1, 4, 5})
          .to(torch::kFloat32);
  const ImageSet images("gaussian", "test", x, "none");
  for (const auto& [is, as] : pairs) {
    const auto denoiser = GaussianDenoiser(truth_, is, as);
    const auto fits = FitReadings(*denoiser, images, 16, sigmas_, 0);
    const Check check = JudgeReading(as, fits, sigmas_, multiples);
    EXPECT_EQ(check.outcome, Outcome::kFail) << check.finding;
    const Parameterisation& best = fits.front().reading;
    EXPECT_EQ(NameOf(best.prediction), NameOf(is.prediction)) << check.finding;
    EXPECT_EQ(SigmaInputText(best), SigmaInputText(is)) << check.finding;
    EXPECT_EQ(best.range.low, is.range.low) << check.finding;
    EXPECT_EQ(best.range.high, is.range.high) << check.finding;
    // And the right declaration passes.
    auto declared_right = fits;
    for (ReadingFit& fit : declared_right) fit.declared = &fit == &declared_right.front();
    EXPECT_EQ(JudgeReading(is, declared_right, sigmas_, multiples).outcome, Outcome::kPass)
        << check.finding;
  }
}

}  // namespace
}  // namespace denoscope
