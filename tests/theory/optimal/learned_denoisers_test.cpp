#include "denoscope/theory/optimal/learned_denoisers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/random.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-9;  // of squared condition numbers up to 1e6

Population Few(std::int64_t n, Index r) {
  Population population = {14, VectorXd(r), n, 4};
  for (Index k = 0; k < r; ++k) population.lambda(k) = 5 * std::pow(k + 1.0, -1.5);
  return population;
}

// D(y) = x_mean + J (y - centre), by the definition.
struct Slow {
  MatrixXd J;
  VectorXd mean, centre;
};

Slow LearnSlowly(const Population& p, Learning method, double sigma, std::int64_t trial) {
  MatrixXd X = MatrixXd::Zero(p.d, static_cast<Index>(p.n));
  X.topRows(p.lambda.size()) = DrawClean(p, trial);
  const MatrixXd Y = X + sigma * DrawNoise(p, trial);
  Slow slow;
  slow.mean = X.rowwise().mean();
  const MatrixXd x = X.colwise() - slow.mean;
  if (method == Learning::kPlugIn) {
    slow.centre = slow.mean;
    const MatrixXd S = x * x.transpose() / static_cast<double>(p.n - 1);
    slow.J = S * (S + sigma * sigma * MatrixXd::Identity(p.d, p.d)).inverse();
    return slow;
  }
  slow.centre = Y.rowwise().mean();
  const MatrixXd y = Y.colwise() - slow.centre;
  const auto inverse = y.transpose().completeOrthogonalDecomposition().pseudoInverse();
  slow.J = x * MatrixXd(inverse).transpose();
  return slow;
}

class LearnedByEachMethod : public ::testing::TestWithParam<Learning> {};
INSTANTIATE_TEST_SUITE_P(Methods,
                         LearnedByEachMethod,
                         ::testing::Values(Learning::kPlugIn, Learning::kRegression));

TEST_P(LearnedByEachMethod, AgreesWithItsDefinition) {
  LearningOptions options;
  options.method = GetParam();
  options.sigmas = Eigen::Vector2d(0.2, 1.5);
  for (const std::int64_t n : {5, 14, 17, 40}) {
    for (const Index r : {3, 14}) {
      SCOPED_TRACE(testing::Message() << "n " << n << ", rank " << r);
      const Population p = Few(n, r);
      const LearningTrial fast = RunLearningTrial(p, options, 2);
      for (Index i = 0; i < 2; ++i) {
        const double sigma = options.sigmas(i);
        const Slow slow = LearnSlowly(p, options.method, sigma, 2);
        const MatrixXd I = MatrixXd::Identity(p.d, p.d), missed = I - slow.J;
        const double mse = (missed * p.FullSpectrum().asDiagonal() * missed.transpose()).trace() +
                           sigma * sigma * slow.J.squaredNorm() +
                           (slow.mean - slow.J * slow.centre).squaredNorm();
        EXPECT_NEAR(fast.mse(i), mse, kRounding * mse);
        EXPECT_NEAR(fast.belief(i), sigma * sigma * slow.J.trace(), kRounding);
        const VectorXd gains = slow.J.diagonal().head(r);
        EXPECT_LT((fast.gains.col(i) - gains).cwiseAbs().maxCoeff(), kRounding);
      }
    }
  }
}

TEST_P(LearnedByEachMethod, ErrorIsThatOfFreshSamples) {
  LearningOptions options;
  options.method = GetParam();
  options.sigmas = VectorXd::Constant(1, 0.7);
  const Population p = Few(20, 14);
  const double expected = RunLearningTrial(p, options, 0).mse(0);
  const Slow slow = LearnSlowly(p, options.method, 0.7, 0);
  Population fresh = p;
  fresh.n = 20000;
  const MatrixXd X = DrawClean(fresh, 99), Y = X + 0.7 * DrawNoise(fresh, 99);
  const MatrixXd centred = Y.colwise() - slow.centre;
  const MatrixXd output = (slow.J * centred).colwise() + slow.mean;
  TrialSums errors;
  for (Index i = 0; i < X.cols(); ++i) {
    errors.Add(MatrixXd::Constant(1, 1, (output.col(i) - X.col(i)).squaredNorm()));
  }
  constexpr double kStandardErrors = 4;  // 20000 fresh samples
  const TrialMean found = errors.Result();
  EXPECT_NEAR(found.mean(0), expected, kStandardErrors * found.error(0));
  EXPECT_LT(found.error(0), 0.02 * expected);
}

TEST(Learned, RegressionFitsFewPairsExactly) {
  // Not through the records: d = 14 > n - 1 leaves no residual on the pairs learned from.
  const Population p = Few(9, 14);
  const Slow slow = LearnSlowly(p, Learning::kRegression, 0.5, 1);
  const MatrixXd X = DrawClean(p, 1), Y = X + 0.5 * DrawNoise(p, 1);
  const MatrixXd centred = Y.colwise() - slow.centre;
  EXPECT_LT(((slow.J * centred).colwise() + slow.mean - X).norm(), kRounding);
}

TEST(Learned, MeansAreThoseOfTheTrials) {
  LearningOptions options;
  options.sigmas = Eigen::Vector2d(0.2, 1.5);
  options.trials = 5;
  const LearnedDenoisers all = SimulateLearning(Few(20, 14), options);
  TrialSums gains, mse;
  for (std::int64_t i = 0; i < 5; ++i) {
    gains.Add(RunLearningTrial(Few(20, 14), options, i).gains);
    mse.Add(RunLearningTrial(Few(20, 14), options, i).mse);
  }
  EXPECT_EQ(all.gains.mean, gains.Result().mean);
  EXPECT_EQ(all.mse.error, mse.Result().error);
  for (Index i = 0; i < 2; ++i) EXPECT_GT(all.mse.mean(i), all.mmse(i));
}

TEST(Learned, ConstantDataSetGivesNoGain) {
  LearningOptions options;
  options.sigmas = VectorXd::Ones(1);
  const LearningTrial trial = RunLearningTrial({14, VectorXd::Zero(2), 20, 0}, options, 0);
  EXPECT_EQ(trial.gains.norm(), 0);
  EXPECT_EQ(trial.mse(0), 0);
}

TEST(Learned, ThrowsOnBadInput) {
  LearningOptions options;
  ExpectError([&] { SimulateLearning(Few(20, 14), options); }, {"no sigmas"});
  options.sigmas = Eigen::Vector2d(1, -1);
  ExpectError([&] { SimulateLearning(Few(20, 14), options); }, {"sigma 1 is -1"});
  options.sigmas = VectorXd::Ones(1);
  options.trials = 0;
  ExpectError([&] { SimulateLearning(Few(20, 14), options); }, {"0 trials"});
  ExpectError([&] { RunLearningTrial(Few(1, 14), options, 0); }, {"n is 1"});
}

}  // namespace
}  // namespace denoscope
