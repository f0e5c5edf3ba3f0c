#include "denoscope/theory/spiked/noisy_basis.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kRounding = 1e-10;  // eigenvectors of gaps above 1e-3, entries of order 1

VectorXd Law(Index d, double scale) {
  return scale * VectorXd::LinSpaced(d, 1, static_cast<double>(d)).array().pow(-1.5);
}

NoisyBasisOptions Options(std::vector<double> sigmas, std::int64_t draws) {
  NoisyBasisOptions options;
  options.sigmas = std::move(sigmas);
  options.draws = draws;
  options.ranks = {1, 3};
  options.seed = 9;
  return options;
}

MatrixXd Rotated(Index d, Index K) { return RandomOrthonormal(d, d, "rotation").leftCols(K); }

// The slow twin: noise again from the stated stream, covariance, all eigenvectors by the SVD of the
// centred samples, every number by its definition.
void ExpectDefinition(const MatrixXf& clean, const MatrixXd& reference, NoiseCell cell) {
  const NoisyBasisOptions options = Options({0.2, 0.5}, 1);
  const Index d = clean.rows(), n = clean.cols(), K = reference.cols();
  RandomStream random(options.seed,
                      cell.level == 0 ? "noise of level 0" : "noise of level 1",
                      static_cast<std::uint64_t>(cell.draw));
  MatrixXd Y = clean.cast<double>();
  const double sigma = options.sigmas[static_cast<std::size_t>(cell.level)];
  for (Index i = 0; i < Y.size(); ++i) Y.data()[i] += sigma * random.Normal();
  const MatrixXd centred = Y.colwise() - Y.rowwise().mean();
  const Svd<double> svd = SvdDense<double>(centred / std::sqrt(n - 1.0));
  const NoisyBasis basis = LearnNoisyBasis(clean, reference, options, cell);
  const double edge = std::pow(sigma * (1 + std::sqrt(d / (n - 1.0))), 2);
  EXPECT_EQ(basis.above_edge, (svd.values.array().square() > edge).count());
  for (Index k = 0; k < K; ++k) {
    EXPECT_NEAR(basis.cosines(k), std::abs(svd.left.col(k).dot(reference.col(k))), kRounding);
    EXPECT_NEAR(basis.eigenvalues(k), svd.values(k) * svd.values(k), kRounding);
    const double partner = svd.left.col(basis.partner(k)).dot(reference.col(k));
    EXPECT_NEAR(basis.matched(k), std::abs(partner), kRounding);
    const VectorXd overlaps = svd.left.transpose() * reference.col(k);
    EXPECT_NEAR(basis.subspace_share(k, 0), overlaps.head(1).squaredNorm(), kRounding);
    EXPECT_NEAR(basis.subspace_share(k, 1), overlaps.head(3).squaredNorm(), kRounding);
  }
  EXPECT_GE(basis.matched.sum(), basis.cosines.sum() - kRounding);
}

TEST(NoisyBasis, IsThePcaOfNoisySamplesWithFewAndWithMany) {
  for (const Index n : {12, 20, 21, 60}) {
    SCOPED_TRACE(n);
    const MatrixXf clean = GaussianSamples(Law(20, 4), n, 2)(0);
    ExpectDefinition(clean, Rotated(20, 5), {0, 0});
    ExpectDefinition(clean, MatrixXd::Identity(20, 4), {1, 3});
  }
}

TEST(NoisyBases, EachIsTheSameBytesAlone) {
  const CleanSamples samples = GaussianSamples(Law(15, 2), 30, 4);
  const MatrixXd reference = MatrixXd::Identity(15, 3);
  const NoisyBasisOptions options = Options({0.1, 0.4}, 3);
  std::int64_t reports = 0;
  const NoisyBases all =
      LearnNoisyBases(samples, reference, options, [&](const Progress& p) { reports = p.done; });
  EXPECT_EQ(reports, 6);
  EXPECT_EQ(all.n, 30);
  const NoisyBasis alone = LearnNoisyBasis(samples(2), reference, options, {1, 2});
  EXPECT_EQ(all.bases[1][2].cosines, alone.cosines);
  EXPECT_EQ(all.bases[1][2].eigenvalues, alone.eigenvalues);
  EXPECT_NE(all.bases[1][1].eigenvalues, alone.eigenvalues);
  EXPECT_NE(all.bases[0][2].eigenvalues, alone.eigenvalues);
}

// A spike of t = 4 at gamma = 1/2: cos^2 = (1 - gamma/t^2)/(1 + gamma/t) = 0.861, and 8 noise-only
// directions. 40 draws of samples and noise; four standard errors and the finite size, 8/d.
TEST(NoisyBases, AlignAsTheSpikedModelSays) {
  const Index d = 120, n = 240, draws = 40;
  VectorXd lambda = VectorXd::Zero(d);
  lambda(0) = 4 * 0.25;
  const NoisyBases bases = LearnNoisyBases(
      GaussianSamples(lambda, n, 3), MatrixXd::Identity(d, 3), Options({0.5}, draws));
  VectorXd squares(draws);
  double above = 0;
  for (Index i = 0; i < draws; ++i) {
    const NoisyBasis& basis = bases.bases[0][static_cast<std::size_t>(i)];
    squares(i) = basis.cosines(0) * basis.cosines(0);
    above += static_cast<double>(basis.above_edge) / draws;
  }
  const double gamma = 0.5, expected = (1 - gamma / 16) / (1 + gamma / 4);
  const double error =
      std::sqrt((squares.array() - squares.mean()).square().sum() / (draws * (draws - 1.0)));
  EXPECT_NEAR(squares.mean(), expected, 4 * error + 8.0 / d);
  EXPECT_EQ(PredictedAboveEdge(lambda, n, 0.5), 1);
  EXPECT_EQ(PredictedAboveEdge(lambda, n, 1.3), 0);
  EXPECT_GE(above, 1);
  EXPECT_LT(above, 1.5);  // the noise passes its edge in about every sixth draw
}

// Two equal eigenvalues: single vectors turn freely within their plane, the plane stays.
TEST(NoisyBases, CrowdedModesKeepTheirSubspace) {
  VectorXd lambda = VectorXd::Zero(40);
  lambda.head(3).setConstant(9);
  const NoisyBases bases = LearnNoisyBases(
      GaussianSamples(lambda, 400, 5), MatrixXd::Identity(40, 3), Options({0.3}, 12));
  double cosine = 0, share = 0;
  for (const NoisyBasis& basis : bases.bases[0]) {
    cosine += basis.cosines.cwiseAbs2().mean() / 12;
    share += basis.subspace_share.col(1).mean() / 12;
  }
  EXPECT_LT(cosine, 0.7);
  EXPECT_GT(share, 0.99);
}

TEST(NoisyBases, MatchingNullIsOfTheOrderOfChance) {
  const VectorXd null = MatchingNull(400, 40, 2);
  // A single |cos| averages sqrt(2 / (pi d)) = 0.04; chosen among 40, up to 0.12 or so.
  EXPECT_GT(null.mean(), 0.06);
  EXPECT_LT(null.mean(), 0.14);
  EXPECT_THROW(MatchingNull(5, 6, 0), Error);
}

// Of one direction in space |cos| is uniform on [0,1]. Two in the plane are turned by a uniform
// angle, and the better pairing has the larger of |cos|, |sin|: mean 2 sqrt(2)/pi, mean square
// 1/2 + 1/pi. 400 seeds, four standard errors.
TEST(NoisyBases, MatchingNullHasItsMeanWhereThatIsKnown) {
  const int seeds = 400;
  double space = 0, plane = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    space += MatchingNull(3, 1, seed)(0) / seeds;
    const VectorXd pair = MatchingNull(2, 2, seed);
    EXPECT_NEAR(pair(0), pair(1), 1e-6);
    plane += pair(0) / seeds;
  }
  const double pi = std::acos(-1.0), mean = 2 * std::sqrt(2) / pi;
  EXPECT_NEAR(space, 0.5, 4 * std::sqrt(1.0 / 12 / seeds));
  EXPECT_NEAR(plane, mean, 4 * std::sqrt((0.5 + 1 / pi - mean * mean) / seeds));
}

TEST(NoisyBases, ThrowOnMisuse) {
  const MatrixXf clean = GaussianSamples(Law(10, 1), 6, 0)(0);
  const MatrixXd reference = MatrixXd::Identity(10, 3);
  const auto learn = [](const MatrixXf& X, const MatrixXd& U, const NoisyBasisOptions& options) {
    return LearnNoisyBases([&](std::int64_t) { return X; }, U, options);
  };
  EXPECT_NO_THROW(learn(clean, reference, Options({0.1}, 1)));
  EXPECT_THROW(learn(clean, reference, Options({}, 1)), Error);
  EXPECT_THROW(learn(clean, reference, Options({0.2, 0.1}, 1)), Error);
  EXPECT_THROW(learn(clean, reference, Options({0.1}, 0)), Error);
  EXPECT_THROW(learn(clean, MatrixXd::Identity(10, 6), Options({0.1}, 1)), Error);
  EXPECT_THROW(learn(clean, MatrixXd::Identity(9, 3), Options({0.1}, 1)), Error);
  EXPECT_THROW(learn(clean, 2 * reference, Options({0.1}, 1)), Error);
  EXPECT_THROW(learn(clean, MatrixXd::Identity(10, 2), Options({0.1}, 1)), Error);  // rank 3
  EXPECT_THROW(learn(clean.leftCols(1), reference, Options({0.1}, 1)), Error);
  EXPECT_THROW(learn(MatrixXf::Ones(10, 6), reference, Options({0.1}, 1)), Error);
  MatrixXf bad = clean;
  bad(0, 0) = std::numeric_limits<float>::infinity();
  EXPECT_THROW(learn(bad, reference, Options({0.1}, 1)), Error);
  EXPECT_THROW(LearnNoisyBasis(clean, reference, Options({0.1}, 1), {1, 0}), Error);
  EXPECT_THROW(GaussianSamples(Eigen::Vector2d(1, -1), 5, 0), Error);
}

TEST(NoisyBases, StopWhenCancelled) {
  RequestCancel();
  EXPECT_THROW(LearnNoisyBases(
                   GaussianSamples(Law(10, 1), 6, 0), MatrixXd::Identity(10, 3), Options({0.1}, 1)),
               Interrupted);
  ClearCancel();
}

}  // namespace
}  // namespace denoscope
