#include "denoscope/linalg/stochastic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "tests/support/expect_error.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kSigmas = 4;       // a sound estimate of one seed fails in 6e-5 of all seeds
constexpr double kRounding = 1e-5;  // of float32 matrices and products of norm about 1, d <= 200

// Symmetric with eigenvalues 1 / (1 + k/5), k = 0 .. d-1.
MatrixXf Decaying(Index d) {
  const MatrixXd Q = RandomOrthonormal(d, d, "decaying");
  VectorXd values(d);
  for (Index k = 0; k < d; ++k) values(k) = 1 / (1 + static_cast<double>(k) / 5);
  const MatrixXd A = Q * values.asDiagonal() * Q.transpose();
  return ((A + A.transpose()) / 2).cast<float>();
}

MatrixXf Nonsymmetric(Index d) {
  const MatrixXf A = RandomMatrix(d, d, "nonsymmetric").cast<float>();
  return Decaying(d) + 0.3F / std::sqrt(static_cast<float>(d)) * A;
}

// The share of seeds whose estimate lies within two of its own errors.
template <typename Estimator>
double Coverage(double truth, int seeds, const Estimator& estimator) {
  int covered = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    const Estimate estimate = estimator(static_cast<std::uint64_t>(seed));
    covered += std::abs(estimate.value - truth) <= 2 * estimate.error;
  }
  return static_cast<double>(covered) / seeds;
}

// Two standard errors from 20 samples cover 94.0 % (Student, 19 degrees of freedom); over 200 seeds
// the share scatters by 1.7 %: 0.94 - 4 sigmas = 0.873. Errors too large by 2 would cover all.
constexpr int kSeeds = 200;
constexpr double kLeastCoverage = 0.873, kMostCoverage = 0.995;

TEST(HutchinsonTrace, ErrorsAreHonest) {
  for (const MatrixXf& A : {Decaying(150), Nonsymmetric(150)}) {
    const DenseOperator op(A);
    const double coverage = Coverage(A.cast<double>().trace(), kSeeds, [&](std::uint64_t seed) {
      return HutchinsonTrace(op, 20, seed);
    });
    EXPECT_GE(coverage, kLeastCoverage);
    EXPECT_LE(coverage, kMostCoverage);
  }
}

TEST(HutchinsonTrace, ErrorIsTheFormulas) {
  const Index d = 150, probes = 2000;
  const MatrixXd A = Nonsymmetric(d).cast<double>();
  const MatrixXd S = (A + A.transpose()) / 2;
  const double variance = 2 * (S.squaredNorm() - S.diagonal().squaredNorm());
  const Estimate estimate = HutchinsonTrace(DenseOperator(Nonsymmetric(d)), probes, 1);
  EXPECT_EQ(estimate.applications, probes);
  // A standard deviation from 2000 samples is known to 1.6 %, kurtosis 3: 4 sigmas are 6.4 %.
  EXPECT_NEAR(estimate.error / std::sqrt(variance / probes), 1, 0.064);
  EXPECT_LT(std::abs(estimate.value - A.trace()), kSigmas * estimate.error);
}

TEST(HutchinsonTrace, OfADiagonalIsExact) {
  const MatrixXf A = Eigen::VectorXf::LinSpaced(32, 1, 2).asDiagonal();
  const Estimate estimate = HutchinsonTrace(DenseOperator(A), 5, 0);
  EXPECT_NEAR(estimate.value, A.trace(), 48 * kRounding);
  EXPECT_LT(estimate.error, kRounding);
}

TEST(HutchPlusPlusTrace, ErrorsAreHonestOfNonsymmetricOperatorsToo) {
  for (const MatrixXf& A : {Decaying(150), Nonsymmetric(150)}) {
    const DenseOperator op(A);
    const double coverage = Coverage(A.cast<double>().trace(), kSeeds, [&](std::uint64_t seed) {
      return HutchPlusPlusTrace(op, 60, seed);
    });
    EXPECT_GE(coverage, kLeastCoverage);
    EXPECT_LE(coverage, kMostCoverage);
  }
}

TEST(HutchPlusPlusTrace, BeatsHutchinsonOnADecayingSpectrum) {
  const MatrixXf A = Decaying(150) * Decaying(150);
  const DenseOperator op(A);
  double plain = 0, plus = 0;  // squared errors summed over the seeds
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    plain += std::pow(HutchinsonTrace(op, 60, seed).value - A.cast<double>().trace(), 2);
    plus += std::pow(HutchPlusPlusTrace(op, 60, seed).value - A.cast<double>().trace(), 2);
  }
  EXPECT_LT(plus, 0.1 * plain);  // 0.04 expected of this spectrum, known to 14 % from 200 seeds
}

TEST(HutchPlusPlusTrace, ExactOnceTheSketchHoldsTheRangeOrTheSpace) {
  const MatrixXd L = RandomMatrix(100, 4, "low"), R = RandomMatrix(4, 100, "rank");
  const MatrixXf A = (L * R / 100).cast<float>();
  const Estimate low = HutchPlusPlusTrace(DenseOperator(A), 30, 0);
  EXPECT_NEAR(low.value, A.trace(), 10 * kRounding);
  EXPECT_LT(low.error, kRounding);
  EXPECT_EQ(low.applications, 30);
  const Estimate whole = HutchPlusPlusTrace(DenseOperator(Nonsymmetric(20)), 20, 0);
  EXPECT_NEAR(whole.value, Nonsymmetric(20).trace(), 10 * kRounding);
  EXPECT_EQ(whole.error, 0);
  EXPECT_EQ(whole.applications, 20);
  const MatrixXf one = MatrixXf::Constant(1, 1, 3);
  EXPECT_EQ(HutchPlusPlusTrace(DenseOperator(one), 4, 0).value, 3);
}

TEST(StochasticDiagonal, LiesWithinItsErrors) {
  const Index d = 200, probes = 400;
  const MatrixXf A = Nonsymmetric(d);
  const DiagonalEstimate estimate = StochasticDiagonal(DenseOperator(A), probes, 3);
  EXPECT_EQ(estimate.applications, probes);
  EXPECT_NEAR(estimate.trace, estimate.values.sum(), kRounding * estimate.values.norm());
  EXPECT_LT(std::abs(estimate.trace - A.cast<double>().trace()), kSigmas * estimate.trace_error);
  // 2 (|S|^2 - sum S_ii^2)/n, itself known to sqrt(2/400) = 7 %: within 2 sigmas.
  const MatrixXd S = (A + A.transpose()).cast<double>() / 2;
  const double variance = 2 * (S.squaredNorm() - S.diagonal().squaredNorm()) / probes;
  EXPECT_NEAR(estimate.trace_error, std::sqrt(variance), 0.15 * std::sqrt(variance));
  const VectorXd truth = A.diagonal().cast<double>();
  const VectorXd z = (estimate.values - truth).cwiseQuotient(estimate.errors);
  // 200 entries: the largest of them exceeds 4.5 sigmas in 0.1 % of all seeds; the mean square
  // scatters by sqrt(2/200) = 10 %, more as entries of a probe are correlated: within 60 %.
  EXPECT_LT(z.cwiseAbs().maxCoeff(), 4.5);
  EXPECT_NEAR(z.squaredNorm() / d, 1, 0.6);
  for (Index i = 0; i < d; ++i) {
    const double off = A.row(i).cast<double>().squaredNorm() - truth(i) * truth(i);
    // A standard deviation from 400 samples: 3.5 %; 200 of them within 4.5 sigmas, 16 %.
    EXPECT_NEAR(estimate.errors(i) / std::sqrt(off / probes), 1, 0.16) << i;
  }
}

double Integral(const VectorXd& grid, const VectorXd& density) {
  return density.sum() * (grid(1) - grid(0));  // both ends vanish
}

TEST(SpectralDensity, MomentsAndIntegral) {
  const Index d = 200;
  const MatrixXf A = Decaying(d);
  DensityOptions options;
  options.probes = 40;
  options.steps = 30;
  const auto estimate = SpectralDensity(DenseOperator(A), options);
  EXPECT_EQ(estimate.applications, 40 * 30);
  EXPECT_NEAR(estimate.weights.sum(), 1, 1e-12);
  EXPECT_NEAR(Integral(estimate.grid, estimate.density), 1, 1e-3);
  const double mean = A.cast<double>().trace() / d, square = A.cast<double>().squaredNorm() / d;
  EXPECT_LT(std::abs(estimate.mean.value - mean), kSigmas * estimate.mean.error);
  EXPECT_LT(std::abs(estimate.mean_square.value - square), kSigmas * estimate.mean_square.error);
  EXPECT_NEAR(estimate.weights.dot(estimate.nodes), estimate.mean.value, 1e-12);
  // Hutchinson's variance of the trace: 2 (|A|_F^2 - sum A_ii^2); from 40 probes known to 11 %.
  const double variance =
      2 * (A.cast<double>().squaredNorm() - A.diagonal().cast<double>().squaredNorm());
  EXPECT_NEAR(estimate.mean.error * d / std::sqrt(variance / 40), 1, kSigmas * 0.11);
  const VectorXd values = EigenvaluesSymmetric<double>(A.cast<double>());
  EXPECT_NEAR(estimate.largest, values(0), kRounding);
  EXPECT_LT(estimate.largest, values(0) + kRounding);
  EXPECT_GT(estimate.least, values(d - 1) - kRounding);
}

TEST(SpectralDensity, AgreesWithTheDenseTwinWithinItsErrors) {
  const Index d = 200;
  const MatrixXf A = Decaying(d);
  DensityOptions options;
  options.probes = 64;
  options.width = 0.05;
  const auto estimate = SpectralDensity(DenseOperator(A), options);
  EXPECT_EQ(estimate.width, 0.05);
  const VectorXd values = EigenvaluesSymmetric<double>(A.cast<double>());
  double largest = 0;
  for (Index i = 0; i < estimate.grid.size(); ++i) {
    const auto x = (values.array() - estimate.grid(i)) / options.width;
    const double truth =
        (-x.square() / 2).exp().mean() / (std::sqrt(2 * std::acos(-1.0)) * options.width);
    const double error = estimate.density_errors(i) + 1e-6;  // the floor where all is about 0
    largest = std::max(largest, std::abs(estimate.density(i) - truth) / error);
  }
  // 200 points, neighbours correlated: the largest of them exceeds 4.5 in under 0.3 % of all seeds.
  EXPECT_LT(largest, 4.5);
}

TEST(SpectralDensity, TwoLevelsEndTheProcessEarly) {
  const Index d = 100;
  const MatrixXd Q = RandomOrthonormal(d, 30, "levels");
  const MatrixXf A = (2 * Q * Q.transpose() - MatrixXd::Identity(d, d)).cast<float>();
  DensityOptions options;
  options.probes = 20;
  const auto estimate = SpectralDensity(DenseOperator(A), options);
  EXPECT_LE(estimate.applications, 20 * 4);
  EXPECT_NEAR(estimate.least, -1, kRounding);
  EXPECT_NEAR(estimate.largest, 1, kRounding);
  // 30 of 100 at +1, the others at -1.
  EXPECT_LT(std::abs(estimate.mean.value - -0.4), kSigmas * estimate.mean.error);
  EXPECT_NEAR(estimate.mean_square.value, 1, kRounding);
}

TEST(SpectralDensity, OfZeroIdentityAndASingleEntry) {
  for (const float value : {0.0F, 1.0F, -2.0F}) {
    for (const Index d : {1, 40}) {
      const MatrixXf A = value * MatrixXf::Identity(d, d);
      const auto estimate = SpectralDensity(DenseOperator(A), DensityOptions());
      EXPECT_NEAR(estimate.mean.value, value, kRounding);
      EXPECT_NEAR(estimate.mean.error, 0, kRounding);
      EXPECT_EQ(estimate.applications, 16);
      EXPECT_NEAR(Integral(estimate.grid, estimate.density), 1, 1e-3);
      EXPECT_TRUE(estimate.density.allFinite());
    }
  }
}

class NanOperator final : public LinearOperator {
 public:
  Index Rows() const override { return 6; }
  Index Cols() const override { return 6; }
  MatrixXf Apply(const MatrixXf& V) const override {
    return MatrixXf::Constant(6, V.cols(), std::numeric_limits<float>::quiet_NaN());
  }
  MatrixXf ApplyTranspose(const MatrixXf& U) const override { return Apply(U); }
};

TEST(Stochastic, NamesWhatIsNotFinite) {
  const NanOperator op;
  const std::string message = "operator (6,6): product A v of application 1 is nan at entry 0";
  ExpectError([&] { HutchinsonTrace(op, 4, 0); }, {message});
  ExpectError([&] { HutchPlusPlusTrace(op, 4, 0); }, {message});
  ExpectError([&] { StochasticDiagonal(op, 4, 0); }, {message});
  ExpectError([&] { SpectralDensity(op, DensityOptions()); }, {message});
}

TEST(Stochastic, SameSeedSameBytes) {
  const DenseOperator op(Decaying(60));
  EXPECT_EQ(HutchinsonTrace(op, 20, 9).value, HutchinsonTrace(op, 20, 9).value);
  EXPECT_NE(HutchinsonTrace(op, 20, 9).value, HutchinsonTrace(op, 20, 8).value);
  EXPECT_EQ(HutchPlusPlusTrace(op, 20, 9).value, HutchPlusPlusTrace(op, 20, 9).value);
  EXPECT_EQ(StochasticDiagonal(op, 20, 9).values, StochasticDiagonal(op, 20, 9).values);
  const DensityOptions options;
  EXPECT_EQ(SpectralDensity(op, options).density, SpectralDensity(op, options).density);
}

TEST(Stochastic, CancelInterrupts) {
  const DenseOperator op(Decaying(20));
  RequestCancel();
  EXPECT_THROW(HutchinsonTrace(op, 4, 0), Interrupted);
  EXPECT_THROW(HutchPlusPlusTrace(op, 8, 0), Interrupted);
  EXPECT_THROW(StochasticDiagonal(op, 4, 0), Interrupted);
  EXPECT_THROW(SpectralDensity(op, DensityOptions()), Interrupted);
  ClearCancel();
}

TEST(Stochastic, ChecksOptionsAndShapes) {
  const DenseOperator wide(MatrixXf::Zero(3, 4)), square(MatrixXf::Identity(4, 4));
  ExpectError([&] { HutchinsonTrace(wide, 4, 0); }, {"hutchinson trace", "(3,4)", "square"});
  ExpectError([&] { HutchinsonTrace(square, 1, 0); }, {"probes is 1, expected at least 2"});
  ExpectError([&] { HutchPlusPlusTrace(square, 3, 0); }, {"budget is 3, expected at least 4"});
  DensityOptions options;
  options.width = -1;
  ExpectError([&] { SpectralDensity(square, options); }, {"width is -1"});
  options = DensityOptions();
  options.steps = 0;
  ExpectError([&] { options.Check(); }, {"steps is 0, expected at least 1"});
}

}  // namespace
}  // namespace denoscope
