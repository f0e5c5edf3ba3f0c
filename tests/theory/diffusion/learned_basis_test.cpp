#include "denoscope/theory/diffusion/learned_basis.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/base/normals.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/subspaces.h"
#include "denoscope/theory/diffusion/schedule.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kSigmas = 4.5;  // of fixed seeds; some 60 comparisons, by chance 4e-4 in all
constexpr double kFloat = 2e-6;  // float32 sums over 40 samples
constexpr double kOrthonormal = 1e-12;

MatrixXf Normals(Index rows, Index cols, std::uint64_t index) {
  RandomStream random(4, "samples", index);
  MatrixXf X(rows, cols);
  FillNormals(random, X.data(), static_cast<std::size_t>(X.size()));
  return X;
}

VectorXd Spectrum(Index d) {
  VectorXd lambda(d);
  for (Index k = 0; k < d; ++k) lambda(k) = 9 * std::pow(k + 1.0, -2);
  return lambda;
}

MatrixXd CentredScatter(const MatrixXd& Y) {
  const MatrixXd centred = Y.colwise() - Y.rowwise().mean();
  return centred * centred.transpose();
}

// Wishart: E W = v C, var W_ij = v (C_ii C_jj + C_ij^2), C diagonal, v = n - 1. 2000 draws each.
TEST(NoisySource, FactorsHaveTheWishartsMoments) {
  const Index d = 5, draws = 2000;
  const double sigma = 0.7;
  const GaussianSource gaussian(Spectrum(d));
  const VectorXd C = Spectrum(d).array() + sigma * sigma;
  for (const Index n : {3, 6, 25}) {  // trapezoidal, barely and well triangular
    for (const bool bartlett : {true, false}) {
      SCOPED_TRACE(testing::Message() << "n " << n << ", bartlett " << bartlett);
      RandomStream random(5, "wishart", static_cast<std::uint64_t>(n));
      MatrixXd sum = MatrixXd::Zero(d, d), squares = sum;
      for (Index i = 0; i < draws; ++i) {
        const MatrixXf F = bartlett ? gaussian.NoisyFactor(n, sigma, random)
                                    : gaussian.NoisySource::NoisyFactor(n, sigma, random);
        const MatrixXd W = F.cast<double>() * F.cast<double>().transpose();
        sum += W;
        squares += W.cwiseAbs2();
      }
      const double v = static_cast<double>(n - 1);
      for (Index i = 0; i < d; ++i) {
        for (Index j = 0; j <= i; ++j) {
          const double mean = i == j ? v * C(i) : 0;
          const double variance = v * C(i) * C(j) * (i == j ? 2 : 1);
          EXPECT_NEAR(sum(i, j) / draws, mean, kSigmas * std::sqrt(variance / draws));
          // The square's own spread: at most 15 times its mean square for these heavy tails.
          const double second = variance + mean * mean;
          EXPECT_NEAR(squares(i, j) / draws, second, kSigmas * second * std::sqrt(15.0 / draws));
        }
      }
    }
  }
}

// The slow twin: n samples with noise, centred, their covariance decomposed in double.
TEST(LearnedBasis, AlignsAsOneOfDrawnSamplesDoes) {
  const Index d = 20, n = 30, trials = 600;
  const double sigma = 1.5;
  const GaussianSource gaussian(Spectrum(d));
  RandomStream random(6, "bartlett");
  double fast = 0, fast_squares = 0, slow = 0, slow_squares = 0;
  for (Index i = 0; i < trials; ++i) {
    const LeadingBasis basis = LeadingOfFactor(gaussian.NoisyFactor(n, sigma, random), 2, n - 1);
    const double f = std::pow(basis.vectors(0, 0), 2);
    const VectorXd deviations = Spectrum(d).cwiseSqrt();
    const auto index = static_cast<std::uint64_t>(2 * i);
    const MatrixXd Y = deviations.asDiagonal() * Normals(d, n, index).cast<double>() +
                       sigma * Normals(d, n, index + 1).cast<double>();
    const double s = std::pow(EigenSymmetric<double>(CentredScatter(Y)).vectors(0, 0), 2);
    fast += f / trials;
    fast_squares += f * f / trials;
    slow += s / trials;
    slow_squares += s * s / trials;
  }
  const double variance = fast_squares - fast * fast + slow_squares - slow * slow;
  EXPECT_NEAR(fast, slow, kSigmas * std::sqrt(variance / trials));
  EXPECT_GT(fast, 0.6);
  EXPECT_LT(fast, 0.95);
}

TEST(NoisySource, GivenSamplesAreCentred) {
  MatrixXf X = Normals(7, 40, 1);
  X.row(2).array() += 30;
  const EmpiricalSource source(X);
  RandomStream random(1, "choice");
  const MatrixXd F = source.CleanFactor(40, random).cast<double>();
  ASSERT_EQ(F.cols(), 39);
  const MatrixXd scatter = CentredScatter(X.cast<double>());
  const double cancellation = 40 * 30;  // the mean of 30, in float32, beside entries of 1
  EXPECT_LT((F * F.transpose() - scatter).norm(), kFloat * cancellation);
}

TEST(NoisySource, TakesDifferentSamples) {
  const MatrixXf X = Normals(3, 5, 2);
  const EmpiricalSource source(X);
  RandomStream random(1, "choice");
  for (int draw = 0; draw < 20; ++draw) {
    const MatrixXf F = source.CleanFactor(2, random);  // the difference of two, over sqrt 2
    double nearest = 1;
    for (Index a = 0; a < 5; ++a)
      for (Index b = 0; b < 5; ++b)
        if (a != b)
          nearest = std::min<double>(nearest, (F - (X.col(a) - X.col(b)) / std::sqrt(2.0f)).norm());
    EXPECT_LT(nearest, kFloat);
  }
}

TEST(LearnedBasis, AgreesWithLapackInDoubleForEveryShape) {
  const GaussianSource gaussian(Spectrum(300));
  RandomStream random(7, "factors");
  const MatrixXf factors[] = {gaussian.NoisySource::NoisyFactor(41, 0.1, random).topRows(60),
                              gaussian.NoisySource::NoisyFactor(61, 0.1, random).topRows(40),
                              gaussian.NoisySource::NoisyFactor(401, 0.1, random),
                              gaussian.NoisySource::NoisyFactor(281, 0.1, random),
                              gaussian.NoisyFactor(400, 0.1, random),
                              gaussian.NoisyFactor(281, 0.1, random)};
  for (const MatrixXf& F : factors) {
    SCOPED_TRACE(testing::Message() << F.rows() << " x " << F.cols());
    const LeadingBasis basis = LeadingOfFactor(F, 4, 10);
    const MatrixXd twin_of = F.cast<double>() * F.cast<double>().transpose() / 10;
    const SymmetricEigen<double> twin = EigenSymmetric<double>(twin_of);
    EXPECT_LT((basis.values - twin.values.head(4)).cwiseAbs().maxCoeff(), 1e-5 * twin.values(0));
    // A residual of 2e-5 over the smallest gap, 0.03 of the largest value; the cosine its square.
    EXPECT_GT(MatchedCosines(basis.vectors, twin.vectors.leftCols(4)).minCoeff(), 1 - 1e-6);
    const MatrixXd products = basis.vectors.transpose() * basis.vectors;
    EXPECT_LT((products - MatrixXd::Identity(4, 4)).norm(), kOrthonormal);
  }
}

// The samples of an accumulating chain again, with covariances written out.
TEST(LearnedChain, AccumulatesNoiseAndRegressesOnTheNextLevel) {
  const Index d = 12, n = 31, r = 3;
  const GaussianSource gaussian(Spectrum(d));
  const VectorXd levels = Eigen::Vector3d(2, 1, 0.5);
  const LearnedChain chain = LearnChain(gaussian, levels, NoiseKind::kAccumulated, {n, r, 9}, 4);
  RandomStream random(9, "learned bases accumulated", 4);
  MatrixXd noisy = gaussian.CleanFactor(n, random).cast<double>();
  double reached = 0;
  for (Index i = 3; i-- > 0;) {
    const MatrixXd cleaner = noisy;
    for (Index j = 0; j < n - 1; ++j) {
      Eigen::VectorXf z(d);
      FillNormals(random, z.data(), static_cast<std::size_t>(d));
      noisy.col(j) += std::sqrt(levels(i) * levels(i) - reached * reached) * z.cast<double>();
    }
    reached = levels(i);
    const SymmetricEigen<double> eigen = EigenSymmetric<double>(noisy * noisy.transpose() / 30);
    const auto at = static_cast<std::size_t>(i);
    EXPECT_GT(MatchedCosines(chain.bases[at].vectors, eigen.vectors.leftCols(r)).minCoeff(),
              1 - 1e-9);
    const MatrixXd U = chain.bases[at].vectors;
    const MatrixXd cross = cleaner * noisy.transpose() / 30;
    const MatrixXd inner = U.transpose() * (noisy * noisy.transpose() / 30) * U;
    const MatrixXd regression = cross * U * inner.inverse();
    EXPECT_LT((chain.regressions[at] - regression).norm(), 1e-4 * regression.norm());  // float32
  }
}

TEST(LearnedChain, TrialsStandAlone) {
  const GaussianSource gaussian(Spectrum(6));
  const VectorXd levels = Eigen::Vector2d(2, 1);
  for (const NoiseKind kind : {NoiseKind::kFresh, NoiseKind::kAccumulated}) {
    const auto first = [&](std::uint64_t trial) -> MatrixXd {
      return LearnChain(gaussian, levels, kind, {8, 2, 1}, trial).bases[0].vectors;
    };
    EXPECT_EQ(first(3), first(3));
    EXPECT_NE(first(3), first(4));
  }
}

TEST(LearnedChain, ThrowsOnBadInput) {
  const GaussianSource gaussian(Spectrum(6));
  const auto learn = [&](Index n, Index r) {
    return [&gaussian, n, r] {
      LearnChain(gaussian, Eigen::Vector2d(2, 1), NoiseKind::kFresh, {n, r, 1}, 0);
    };
  };
  ExpectError(learn(1, 1), {"n is 1", "at least 2"});
  ExpectError(learn(10, 7), {"rank is 7", "min(d, n - 1) = 6"});
  ExpectError(learn(4, 4), {"rank is 4", "min(d, n - 1) = 3"});
  ExpectError(learn(4, 0), {"rank is 0"});
  ExpectError(
      [&] {
        LearnChain(gaussian, Eigen::Vector2d(1, 2), NoiseKind::kFresh, {4, 1, 1}, 0);
      },
      {"strictly decreasing"});
  ExpectError([] { EmpiricalSource(MatrixXf::Constant(3, 5, 0.2f)); }, {"all 5 are equal"});
  ExpectError([] { EmpiricalSource(MatrixXf::Ones(3, 1)); }, {"(3,1)", "at least 2"});
  ExpectError([] { EmpiricalSource(MatrixXf::Constant(3, 2, NAN)); }, {"not finite"});
  ExpectError([] { GaussianSource(VectorXd::Zero(3)); }, {"not constant"});
  RandomStream random(1, "choice");
  const EmpiricalSource three(Normals(2, 3, 0));
  ExpectError([&] { three.CleanFactor(4, random); }, {"n is 4", "3 samples given"});
  ExpectError([] { LeadingOfFactor(MatrixXf::Ones(3, 2), 3, 1); }, {"rank is 3", "(3,2)"});
}

TEST(LearnedChain, StopsWhenAsked) {
  RequestCancel();
  const GaussianSource gaussian(Spectrum(6));
  for (const NoiseKind kind : {NoiseKind::kFresh, NoiseKind::kAccumulated})
    EXPECT_THROW(LearnChain(gaussian, Eigen::Vector2d(2, 1), kind, {8, 2, 1}, 0), Interrupted);
  ClearCancel();
}

}  // namespace
}  // namespace denoscope
