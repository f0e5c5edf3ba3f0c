#include "denoscope/emergence/emergence_analysis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

// 41 noise levels, 17 % apart. Linear interpolation of a logistic curve over log sigma at that
// spacing is off by at most 0.0013 in log sigma.
constexpr double kInterpolation = 2e-3;

std::vector<double> Sigmas() {
  std::vector<double> sigmas;
  for (int i = 0; i <= 40; ++i) sigmas.push_back(0.02 * std::pow(10 / 0.02, i / 40.0));
  return sigmas;
}

Reference MakeReference(const VectorXd& lambda) {
  Reference r;
  r.image_shape = {1, 1, lambda.size()};
  r.n = 100;
  r.lambda = lambda;
  r.mean = VectorXd::Zero(lambda.size());
  r.basis = Eigen::MatrixXf::Identity(lambda.size(), lambda.size());
  r.frequency = VectorXd::LinSpaced(lambda.size(), 0, 5);
  return r;
}

VectorXd Gains(const VectorXd& lambda, double sigma) {
  return lambda.array() / (lambda.array() + sigma * sigma);
}

// scale(image, draw) multiplies lambda in the deep gains; the linear ones are Wiener's.
std::vector<Cell> Cells(const Reference& r,
                        std::int64_t images,
                        std::int64_t draws,
                        const std::function<double(std::int64_t, std::int64_t)>& scale) {
  std::vector<Cell> cells;
  const std::vector<double> sigmas = Sigmas();
  for (std::int64_t image = 0; image < images; ++image)
    for (std::int64_t draw = 0; draw < draws; ++draw)
      for (std::size_t s = 0; s < sigmas.size(); ++s) {
        Cell cell;
        cell.image = 10 + image;
        cell.draw = draw;
        cell.sigma_index = static_cast<std::int64_t>(s);
        cell.sigma = sigmas[s];
        cell.deep.pca_gain = Gains(scale(image, draw) * r.lambda, sigmas[s]);
        cell.linear.pca_gain = Gains(r.lambda, sigmas[s]);
        cell.linear.eigenvalues = cell.linear.pca_gain;
        cells.push_back(cell);
      }
  return cells;
}

Emergence Analyze(const Reference& r,
                  const std::vector<Cell>& cells,
                  const std::vector<Evaluation>& evaluations = {}) {
  return AnalyzeEmergence(Sigmas(), cells, evaluations, r, {100, 1});
}

void ExpectLevel(const HalfLevel& level, double expected) {
  EXPECT_EQ(level.censored, Censoring::kNone);
  EXPECT_NEAR(level.sigma, expected, kInterpolation * expected);
}

const EmergenceStatistics& Find(const Emergence& e,
                                const std::string& denoiser,
                                const std::string& measure) {
  for (const EmergenceStatistics& s : e.statistics)
    if (s.denoiser == denoiser && s.measure == measure) return s;
  throw Error("statistics: no {} {}", denoiser, measure);
}

// From 16 down to 0.01 = 25 s0^2: halves at 4 to 0.1, all inside the range and above the floor.
VectorXd InsideTheRange() {
  VectorXd lambda(8);
  for (Index k = 0; k < 8; ++k) lambda[k] = 16 * std::pow(0.01 / 16, static_cast<double>(k) / 7);
  return lambda;
}

TEST(Emergence, WienerHalvesAtTheRootOfLambda) {
  const Reference r = MakeReference(InsideTheRange());
  const Emergence e = Analyze(r, Cells(r, 2, 1, [](auto, auto) { return 4.0; }));
  const double s0 = Sigmas().front();
  for (Index k = 0; k < 8; ++k) {
    const auto i = static_cast<std::size_t>(k);
    ExpectLevel(e.linear[i].gain, std::sqrt(r.lambda[k]));
    ExpectLevel(e.linear[i].gain_relative, std::sqrt(r.lambda[k] + 2 * s0 * s0));
    ExpectLevel(e.deep[i].gain, 2 * std::sqrt(r.lambda[k]));
    ExpectLevel(e.deep[i].gain_relative, std::sqrt(4 * r.lambda[k] + 2 * s0 * s0));
    EXPECT_EQ(e.deep[i].resolved.censored, Censoring::kNotComputed);
    EXPECT_NEAR(e.sigma_critical[k], std::sqrt(r.lambda[k]) * std::pow(8.0 / 100, -0.25), 1e-12);
  }
  EXPECT_EQ(e.linear_gain.rows(), 41);
  EXPECT_NEAR(e.linear_gain(7, 3), Gains(r.lambda, Sigmas()[7])[3], 1e-12);
}

TEST(Emergence, StatisticsOfWienerAreThoseOfARoot) {
  const Reference r = MakeReference(InsideTheRange());
  const Emergence e = Analyze(r, Cells(r, 2, 1, [](auto, auto) { return 4.0; }));
  EXPECT_EQ(e.statistics.size(), 4u);
  for (const std::string denoiser : {"linear", "deep"}) {
    const EmergenceStatistics& s = Find(e, denoiser, "gain");
    EXPECT_EQ(s.modes, 8);
    EXPECT_EQ(s.censored, 0);
    EXPECT_NEAR(s.slope.value, 0.5, kInterpolation);
    EXPECT_NEAR(s.rank_lambda.value, 1, 1e-12);
    EXPECT_NEAR(s.rank_frequency.value, -1, 1e-12);
    EXPECT_TRUE(std::isnan(s.partial_frequency.value)) << "lambda determines the frequency here";
    // log sigma is half of log lambda: eight steps of ln(1600)/14.
    EXPECT_NEAR(s.spread.value, std::log(1600) / 14 * std::sqrt(6.0), 2 * kInterpolation);
  }
  EXPECT_LT(Find(e, "linear", "gain_relative").slope.value, 0.5)
      << "sqrt(lambda + 2 s0^2) is flatter";
}

TEST(Emergence, CensorsWhatTheRangeDoesNotReach) {
  VectorXd lambda(5);
  lambda << 400, 1, 0.25, 0.006, 0.0001;  // halves at 20, 1, 0.5, 0.077, 0.01; range 0.02 to 10
  const Reference r = MakeReference(lambda);
  const Emergence e = Analyze(r, Cells(r, 2, 1, [](auto, auto) { return 1.0; }));
  EXPECT_EQ(e.deep[0].gain.censored, Censoring::kAbove);
  EXPECT_EQ(e.deep[4].gain.censored, Censoring::kBelow);
  EXPECT_TRUE(std::isnan(e.deep[0].gain.sigma));
  ExpectLevel(e.deep[3].gain, std::sqrt(0.006));
  // 20 s0^2 = 0.008: relative to s0 this mode says nothing, whatever its curve looks like.
  EXPECT_EQ(e.deep[3].gain_relative.censored, Censoring::kBelow);
  EXPECT_EQ(e.deep[1].gain_relative.censored, Censoring::kNone);
  EXPECT_EQ(Find(e, "deep", "gain").censored, 2);
  EXPECT_EQ(Find(e, "deep", "gain").modes, 3);
  EXPECT_EQ(Find(e, "deep", "gain_relative").modes, 2);
  EXPECT_TRUE(std::isnan(Find(e, "deep", "gain_relative").slope.value)) << "of two modes";
}

TEST(Emergence, GivesIntervalsFromEightImagesOn) {
  const Reference r = MakeReference(InsideTheRange());
  const auto scale = [](std::int64_t image, std::int64_t) {
    return 1.0 + 0.2 * static_cast<double>(image);
  };
  const Emergence few = Analyze(r, Cells(r, kLeastImages - 1, 1, scale));
  const Emergence enough = Analyze(r, Cells(r, kLeastImages, 1, scale));
  for (std::size_t k = 0; k < 8; ++k) {
    EXPECT_TRUE(std::isnan(few.deep[k].gain.low));
    for (const HalfLevel& level : {enough.deep[k].gain, enough.deep[k].gain_relative}) {
      EXPECT_LT(level.low, level.sigma);
      EXPECT_GT(level.high, level.sigma);
      // Scales run from 1 to 2.4: no mean of images leaves their span.
      const double root = std::sqrt(r.lambda[static_cast<Index>(k)]);
      EXPECT_GT(level.low, root * (1 - kInterpolation));
      EXPECT_LT(level.high, root * std::sqrt(2.5));
    }
    EXPECT_NEAR(enough.linear[k].gain.low, enough.linear[k].gain.high, 1e-12) << "images are alike";
  }
}

TEST(Emergence, KeepsTheHalvesOfEachImage) {
  const Reference r = MakeReference(InsideTheRange());
  const Emergence e = Analyze(
      r, Cells(r, 3, 2, [](std::int64_t image, auto) { return 1.0 + static_cast<double>(image); }));
  const double s0 = Sigmas().front();
  ASSERT_EQ(e.image_halves.rows(), 3);
  ASSERT_EQ(e.image_halves.cols(), 8);
  for (Index i = 0; i < 3; ++i)
    for (Index k = 0; k < 8; ++k) {
      const double expected = std::sqrt((1.0 + static_cast<double>(i)) * r.lambda[k] + 2 * s0 * s0);
      EXPECT_NEAR(e.image_halves(i, k), expected, kInterpolation * expected);
    }
}

// An image of many draws counts as much as one of few.
TEST(Emergence, AveragesDrawsWithinAnImageFirst) {
  const Reference r = MakeReference(InsideTheRange());
  std::vector<Cell> cells = Cells(r, 1, 3, [](auto, auto) { return 1.0; });
  for (Cell cell : Cells(r, 1, 1, [](auto, auto) { return 3.0; })) {
    cell.image = 99;
    cells.push_back(cell);
  }
  const Emergence e = Analyze(r, cells);
  const double sigma = Sigmas()[20];
  const VectorXd expected = (Gains(r.lambda, sigma) + Gains(3 * r.lambda, sigma)) / 2;
  EXPECT_LT((e.gain.row(20).transpose() - expected).norm(), 1e-12);
}

TEST(Emergence, ReadsResolvedVarianceFromEvaluations) {
  const Reference r = MakeReference(InsideTheRange());
  const std::vector<double> sigmas = Sigmas();
  std::vector<Evaluation> evaluations;
  for (std::size_t s = 0; s < sigmas.size(); ++s) {
    Evaluation e;
    e.sigma = sigmas[s];
    e.sigma_index = static_cast<std::int64_t>(s);
    e.resolved = Gains(2.25 * r.lambda, sigmas[s]);
    e.linear_resolved = Gains(r.lambda, sigmas[s]);
    e.mode_error = VectorXd::Constant(8, static_cast<double>(s));
    e.replicates.resize(40, 8);
    for (Index i = 0; i < 40; ++i)  // scales from 2 to 2.5
      e.replicates.row(i) =
          Gains((2 + static_cast<double>(i) / 78) * r.lambda, sigmas[s]).transpose().cast<float>();
    e.linear_replicates = e.replicates;
    evaluations.push_back(e);
  }
  const Emergence e = Analyze(r, Cells(r, 2, 1, [](auto, auto) { return 1.0; }), evaluations);
  EXPECT_EQ(e.statistics.size(), 6u);
  for (Index k = 0; k < 8; ++k) {
    const HalfLevel& level = e.deep[static_cast<std::size_t>(k)].resolved;
    const double root = std::sqrt(r.lambda[k]);
    ExpectLevel(level, 1.5 * root);
    // The central 95 % of 40 evenly spread scales: one of them left out at each end.
    EXPECT_NEAR(level.low, std::sqrt(2.0125) * root, 2 * kInterpolation * level.low);
    EXPECT_NEAR(level.high, std::sqrt(2.4875) * root, 2 * kInterpolation * level.high);
    ExpectLevel(e.linear[static_cast<std::size_t>(k)].resolved, root);
  }
  EXPECT_EQ(e.mode_error(7, 3), 7);
  EXPECT_EQ(e.resolved.rows(), 41);
  EXPECT_NEAR(Find(e, "deep", "resolved").slope.value, 0.5, kInterpolation);
}

TEST(Emergence, NeedsALinearComparison) {
  const Reference r = MakeReference(InsideTheRange());
  ExpectError([&] { Analyze(r, {}); }, {"emergence", "0 cells"});
  ExpectError([&] { Analyze(r, {Cell()}); }, {"emergence", "linear comparison"});
}

}  // namespace
}  // namespace denoscope
