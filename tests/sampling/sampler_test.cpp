#include "denoscope/sampling/sampler.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "denoscope/base/cancel.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/denoise/null_denoisers.h"
#include "denoscope/image/tensors.h"
#include "denoscope/theory/diffusion/linear_diffusion.h"
#include "denoscope/theory/diffusion/schedule.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

constexpr ImageShape kShape = {1, 3, 4};
constexpr double kRounding = 1e-10;

// Gaussian images of this spectrum in a random basis.
std::shared_ptr<const Pca> MakePca() {
  Pca pca;
  pca.n = 1000;
  pca.eigenvalues = 4 * Eigen::ArrayXd::LinSpaced(12, 1, 12).pow(-2);
  torch::manual_seed(5);
  const Eigen::MatrixXd normals = ToMatrixD(torch::randn({12, 12}, torch::kFloat64));
  pca.basis = Eigen::HouseholderQR<Eigen::MatrixXd>(normals).householderQ();
  pca.mean = Eigen::VectorXd::Constant(12, 0.5);
  return std::make_shared<const Pca>(std::move(pca));
}

double Largest(const torch::Tensor& t) { return t.abs().max().item<double>(); }

class SamplerTest : public testing::Test {
 protected:
  SamplerTest() : wiener_(MakeWienerDenoiser(pca_, kShape)) { wiener_->SetType(torch::kFloat64); }
  ~SamplerTest() override { ClearCancel(); }

  // Noisy data at level s, (B,C,H,W) float64.
  torch::Tensor Starts(std::int64_t B, double s) const {
    torch::manual_seed(1);
    const Eigen::MatrixXd z = ToMatrixD(torch::randn({12, B}, torch::kFloat64));
    const Eigen::VectorXd deviations = (pca_->eigenvalues.array() + s * s).sqrt();
    const Eigen::MatrixXd x = (pca_->basis * (deviations.asDiagonal() * z)).colwise() + pca_->mean;
    return ToTensor(Eigen::MatrixXd(x.transpose())).view({B, kShape.C, kShape.H, kShape.W});
  }
  Eigen::MatrixXd Modes(const torch::Tensor& x) const {  // (d,B)
    return pca_->basis.transpose() * (ToMatrixD(x.flatten(1)).transpose().colwise() - pca_->mean);
  }
  Samples Run(const Denoiser& denoiser,
              const torch::Tensor& starts,
              const SamplerOptions& options) {
    states_.clear();
    const auto noise = [&](std::int64_t step) {
      torch::manual_seed(100 + step);
      return torch::randn(starts.sizes(), torch::kFloat64);
    };
    return RunSampler(denoiser, starts, options, noise, [&](const SamplerState& state) {
      states_.push_back(state);
    });
  }
  static SamplerOptions Options(Sampler kind, Eigen::Index levels) {
    SamplerOptions options;
    options.kind = kind;
    options.levels = NoiseLevels({Schedule::kGeometric, levels, 3, 0.05});
    return options;
  }
  Eigen::VectorXd Gains(double s) const {
    return pca_->eigenvalues.array() / (pca_->eigenvalues.array() + s * s);
  }

  std::shared_ptr<const Pca> pca_ = MakePca();
  std::unique_ptr<Denoiser> wiener_;
  std::vector<SamplerState> states_;
};

TEST_F(SamplerTest, EulerIsTheProductOfItsFactors) {
  const torch::Tensor starts = Starts(5, 3);
  const SamplerOptions options = Options(Sampler::kEuler, 12);
  const Samples samples = Run(*wiener_, starts, options);
  const Recursion ddim = MakeRecursion(DiagonalProcess::kDdim, pca_->eigenvalues, options.levels);
  const Eigen::VectorXd product = ddim.factors.rowwise().prod().cwiseProduct(Gains(0.05));
  EXPECT_LT((Modes(samples.images) - product.asDiagonal() * Modes(starts)).norm(), kRounding);
  ASSERT_EQ(states_.size(), 12u);
  for (std::size_t i = 0; i < states_.size(); ++i) {
    EXPECT_EQ(states_[i].step, static_cast<std::int64_t>(i));
    EXPECT_EQ(states_[i].sigmas[3].item<double>(), options.levels(static_cast<Eigen::Index>(i)));
  }
  EXPECT_TRUE(torch::equal(states_[0].x, starts));
  EXPECT_TRUE(torch::equal(states_[11].denoised, samples.images));
  EXPECT_EQ(samples.finished, std::vector<std::int64_t>(5, 11));
  EXPECT_EQ(samples.diverged, std::vector<std::int64_t>(5, -1));
}

TEST_F(SamplerTest, RepeatedIsTheProductOfGains) {
  const torch::Tensor starts = Starts(5, 3);
  SamplerOptions options = Options(Sampler::kRepeated, 6);
  Eigen::VectorXd product = Eigen::VectorXd::Ones(12);
  for (const double s : options.levels) product = product.cwiseProduct(Gains(s));
  EXPECT_LT(
      (Modes(Run(*wiener_, starts, options).images) - product.asDiagonal() * Modes(starts)).norm(),
      kRounding);
  options.levels.setConstant(0.7);  // one level over and over
  product = Gains(0.7).array().pow(6);
  EXPECT_LT(
      (Modes(Run(*wiener_, starts, options).images) - product.asDiagonal() * Modes(starts)).norm(),
      kRounding);
}

// Against the exact flow, the error of Euler halves and that of Heun falls to a quarter as steps
// double; a ratio within 15 % of that tells first order from second.
TEST_F(SamplerTest, EulerIsOfFirstOrderAndHeunOfSecond) {
  const torch::Tensor starts = Starts(4, 3);
  const Eigen::VectorXd flow =
      ((pca_->eigenvalues.array() + 0.05 * 0.05) / (pca_->eigenvalues.array() + 9)).sqrt();
  for (const auto& [kind, order] :
       {std::pair{Sampler::kEuler, 2.0}, std::pair{Sampler::kHeun, 4.0}}) {
    const auto error = [&, kind = kind](Eigen::Index levels) {
      Run(*wiener_, starts, Options(kind, levels));
      return (Modes(states_.back().x) - flow.asDiagonal() * Modes(starts)).norm();
    };
    EXPECT_NEAR(error(65) / error(129), order, 0.15 * order) << NameOf(kind);
  }
}

// Variances by the recursion that its definition implies, var' = (g + (down/s)(1 - g))^2 var +
// up^2; 4 standard errors of 3000 samples, 12 modes.
TEST_F(SamplerTest, AncestralKeepsTheVariancesOfItsDefinition) {
  constexpr std::int64_t kSamples = 3000;
  const SamplerOptions options = Options(Sampler::kAncestral, 10);
  Run(*wiener_, Starts(kSamples, 3), options);
  Eigen::ArrayXd variance = pca_->eigenvalues.array() + 9;
  for (Eigen::Index i = 0; i + 1 < options.levels.size(); ++i) {
    const double s = options.levels(i), next = options.levels(i + 1);
    const double up = next * std::sqrt(1 - next * next / (s * s));
    const double down = std::sqrt(next * next - up * up);
    const Eigen::ArrayXd g = Gains(s);
    variance = (g + down / s * (1 - g)).square() * variance + up * up;
  }
  const Eigen::ArrayXd found =
      Modes(states_.back().x).rowwise().squaredNorm().array() / static_cast<double>(kSamples);
  EXPECT_LT((found / variance - 1).abs().maxCoeff(), 4 * std::sqrt(2.0 / kSamples));
}

TEST_F(SamplerTest, BlindStopsWhereItsGuessIsSmall) {
  SamplerOptions options = Options(Sampler::kBlind, 5);
  const Samples samples = Run(*wiener_, Starts(6, 3), options);
  const SamplerState& last = states_.back();
  for (std::int64_t b = 0; b < 6; ++b) {
    EXPECT_GT(samples.finished[static_cast<std::size_t>(b)], 5);
    EXPECT_LE((last.x[b] - last.denoised[b]).square().mean().sqrt().item<double>(), 0.05);
  }
  // What the denoiser is told is the guess of the state before.
  const torch::Tensor residual = states_[3].x - states_[3].denoised;
  EXPECT_LT(Largest(residual.square().flatten(1).mean(1).sqrt() - states_[4].sigmas), kRounding);
  options.blind_most_steps = 3;
  EXPECT_EQ(Run(*wiener_, Starts(6, 3), options).finished, std::vector<std::int64_t>(6, -1));
}

// beta = 1 puts no noise back: the step is x + h (D - x).
TEST_F(SamplerTest, BlindWithoutNoiseIsASmallStepToD) {
  SamplerOptions options = Options(Sampler::kBlind, 5);
  options.blind_beta = 1;
  options.blind_step = 0.1;
  Run(*wiener_, Starts(2, 3), options);
  const SamplerState& first = states_[0];
  EXPECT_LT(Largest(states_[1].x - (first.x + 0.1 * (first.denoised - first.x))), kRounding);
}

TEST_F(SamplerTest, ASampleThatDivergesLeavesTheOthersAlone) {
  const auto doubling = MakeScaledDenoiser("doubling", 2);
  torch::Tensor starts = at::zeros({3, 1, 3, 4}, torch::kFloat64);
  starts[1].fill_(1);  // bound 10: 16 is too much
  SamplerOptions options;
  options.kind = Sampler::kRepeated;
  options.levels = Eigen::VectorXd::Constant(8, 1);
  const Samples samples = Run(*doubling, starts, options);
  EXPECT_EQ(samples.diverged, (std::vector<std::int64_t>{-1, 4, -1}));
  EXPECT_TRUE(torch::isnan(samples.images[1]).all().item<bool>());
  EXPECT_TRUE(torch::isnan(states_[4].x[1]).all().item<bool>());
  EXPECT_EQ(Largest(samples.images[2]), 0);
}

TEST_F(SamplerTest, AStartThatIsNotFiniteHasDivergedAtOnce) {
  torch::Tensor starts = Starts(2, 3);
  starts[0][0][1][1] = std::numeric_limits<double>::quiet_NaN();
  const Samples samples = Run(*wiener_, starts, Options(Sampler::kHeun, 4));
  EXPECT_EQ(samples.diverged, (std::vector<std::int64_t>{0, -1}));
  EXPECT_TRUE(torch::isfinite(samples.images[1]).all().item<bool>());
}

TEST_F(SamplerTest, StopsWhenCancelled) {
  RequestCancel();
  EXPECT_THROW(Run(*wiener_, Starts(2, 3), Options(Sampler::kEuler, 4)), Interrupted);
}

TEST(SamplerOptions, OutsideTheLegalRangeThrows) {
  SamplerOptions options;
  options.levels = Eigen::Vector3d(2, 1, 1);
  ExpectError([&] { options.Check(); }, {"1"});
  options.kind = Sampler::kRepeated;
  options.Check();
  options.levels = Eigen::Vector3d(1, 2, 1);
  ExpectError([&] { options.Check(); }, {"none above the one before"});
  options.levels = Eigen::Vector3d(2, 1, 0);
  ExpectError([&] { options.Check(); }, {"positive"});
  options.levels = Eigen::Vector3d(3, 2, 1);
  options.blind_beta = 0;
  ExpectError([&] { options.Check(); }, {"(0,1]", "found 0.05 and 0"});
  ExpectError([] { FromName<Sampler>("ddpm"); },
              {"'ddpm'", "euler, heun, ancestral, repeated or blind"});
}

}  // namespace
}  // namespace denoscope
