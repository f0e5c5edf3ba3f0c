#include "denoscope/theory/diffusion/diffusion_trace.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "denoscope/linalg/dense_spectrum.h"
#include "tests/support/expect_error.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-12;

ProcessTrace TraceOf(const MatrixXd& states) {
  TraceRecorder recorder("test", VectorXd::Constant(1, 0.5), 3);
  recorder.Record(states);
  return recorder.Finish(states);
}

TEST(ParticipationRatio, IsThatOfTheCovariancesEigenvalues) {
  const MatrixXd X = RandomMatrix(7, 30, "states");
  const MatrixXd centred = X.colwise() - X.rowwise().mean();
  const VectorXd values = EigenvaluesSymmetric<double>(centred * centred.transpose());
  EXPECT_NEAR(
      ParticipationRatio(X), std::pow(values.sum(), 2) / values.squaredNorm(), 10 * kRounding);
  EXPECT_NEAR(ParticipationRatio(1e-200 * X), ParticipationRatio(X), 10 * kRounding);
}

TEST(ParticipationRatio, IsOneOnALineAndUndefinedAtAPoint) {
  EXPECT_NEAR(ParticipationRatio(VectorXd::Ones(4) * RandomMatrix(1, 9, "states")), 1, kRounding);
  EXPECT_TRUE(std::isnan(ParticipationRatio(MatrixXd::Ones(4, 9))));
  EXPECT_TRUE(std::isnan(ParticipationRatio(MatrixXd::Ones(4, 1))));
}

// 400 blocks of 12 draws: numerator and denominator agree with the formula's two expectations.
TEST(ParticipationRatio, OfFewGaussianDrawsIsAsExpected) {
  const VectorXd lambda = Eigen::Vector4d(4, 2, 1, 0.5);
  const VectorXd roots = lambda.cwiseSqrt();
  const int blocks = 400;
  double above = 0, below = 0, ratio_squares = 0;
  std::vector<double> tops, bottoms;
  for (int i = 0; i < blocks; ++i) {
    const MatrixXd X =
        roots.asDiagonal() * RandomMatrix(4, 12, "states", static_cast<std::uint64_t>(i));
    const MatrixXd centred = X.colwise() - X.rowwise().mean();
    const MatrixXd C = centred * centred.transpose() / 11;
    tops.push_back(C.trace() * C.trace());
    bottoms.push_back(C.squaredNorm());
    above += tops.back() / blocks;
    below += bottoms.back() / blocks;
  }
  const double ratio = above / below;
  for (int i = 0; i < blocks; ++i)
    ratio_squares += std::pow((tops[i] - ratio * bottoms[i]) / below, 2);
  const double standard_error = std::sqrt(ratio_squares) / blocks;
  const double kSigmas = 4;
  EXPECT_NEAR(ratio, ExpectedParticipation(lambda, 12), kSigmas * standard_error);
  // The whole distribution's own number is far outside: the correction is needed.
  EXPECT_GT(std::abs(ratio - std::pow(lambda.sum(), 2) / lambda.squaredNorm()),
            2 * kSigmas * standard_error);
}

TEST(TraceRecorder, RecordsWhatItSays) {
  const MatrixXd X = RandomMatrix(5, 6, "states");
  const ProcessTrace trace = TraceOf(X);
  double cosine = 0, distance = 0;
  VectorXd cosines(6);
  for (Index i = 0; i < 6; ++i) {
    cosines(i) = std::abs(X(0, i)) / X.col(i).norm();
    cosine += cosines(i) / 6;
    for (Index j = 0; j < 6; ++j) distance += (X.col(i) - X.col(j)).squaredNorm() / 30;
  }
  EXPECT_NEAR(trace.cosine(0), cosine, kRounding);
  const double variance = (cosines.array() - cosine).square().sum() / 5;
  EXPECT_NEAR(trace.cosine_error(0), std::sqrt(variance / 6), kRounding);
  EXPECT_NEAR(trace.spread(0), std::sqrt(distance), kRounding);
  EXPECT_NEAR(trace.norm(0), X.norm() / std::sqrt(6.0), kRounding);
  ASSERT_EQ(trace.mode_ratios.rows(), 3);
  for (Index k = 0; k < 3; ++k) {
    EXPECT_NEAR(trace.spectrum(k, 0), X.row(k).squaredNorm() / 6, kRounding);
    EXPECT_NEAR(trace.mode_ratios(k, 0), X.row(k).norm() / X.row(0).norm(), kRounding);
  }
  EXPECT_EQ(trace.final_states, X);
}

TEST(TraceRecorder, ThrowsWhenStatesAreMissing) {
  TraceRecorder recorder("test", Eigen::Vector2d(2, 1), 1);
  recorder.Record(MatrixXd::Ones(2, 2));
  ExpectError([&] { recorder.Finish(MatrixXd::Ones(2, 2)); }, {"'test'", "1 states", "expected 2"});
}

TEST(TraceSums, PoolsMomentsAndTakesErrorsOverTrials) {
  TraceSums average;
  std::vector<ProcessTrace> traces;
  for (std::uint64_t i = 0; i < 3; ++i) {
    traces.push_back(TraceOf(RandomMatrix(4, 5, "states", i)));
    average.Add(traces.back());
    if (i == 0) {
      EXPECT_NEAR(average.Mean().norm(0), traces[0].norm(0), kRounding);
      EXPECT_EQ(average.Mean().cosine_error, traces[0].cosine_error);
    }
  }
  const ProcessTrace mean = average.Mean();
  EXPECT_EQ(mean.trials, 3);
  VectorXd cosines(3), moments = VectorXd::Zero(4);
  double norm = 0;
  for (Index i = 0; i < 3; ++i) {
    cosines(i) = traces[static_cast<std::size_t>(i)].cosine(0);
    moments += traces[static_cast<std::size_t>(i)].spectrum.col(0) / 3;
    norm += std::pow(traces[static_cast<std::size_t>(i)].norm(0), 2) / 3;
  }
  EXPECT_NEAR(mean.cosine(0), cosines.mean(), kRounding);
  const double variance = (cosines.array() - cosines.mean()).square().sum() / 2;
  EXPECT_NEAR(mean.cosine_error(0), std::sqrt(variance / 3), 1e-9);  // of differences of squares
  EXPECT_NEAR(mean.mode_ratios(1, 0), std::sqrt(moments(1) / moments(0)), kRounding);
  EXPECT_NEAR(mean.norm(0), std::sqrt(norm), kRounding);
}

}  // namespace
}  // namespace denoscope
