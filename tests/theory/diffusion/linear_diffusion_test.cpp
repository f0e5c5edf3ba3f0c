#include "denoscope/theory/diffusion/linear_diffusion.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/theory/diffusion/schedule.h"
#include "tests/support/expect_error.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kDense = 1e-9;     // dense twin: 12 solves of matrices of condition 1e3
constexpr double kProduct = 1e-10;  // products of hundreds of factors

constexpr DiagonalProcess kAll[] = {DiagonalProcess::kRepeatedWiener,
                                    DiagonalProcess::kTrueProjection,
                                    DiagonalProcess::kDdim,
                                    DiagonalProcess::kExactFlow,
                                    DiagonalProcess::kPowerIteration};

VectorXd PowerLaw(Index d, double exponent) {
  VectorXd lambda(d);
  for (Index k = 0; k < d; ++k) lambda(k) = 20 * std::pow(k + 1.0, -exponent);
  return lambda;
}

// Fashion-MNIST's leading modes.
VectorXd FashionModes() { return Eigen::Vector3d(4.45, 3.47, 2.02).cwiseAbs2(); }

MatrixXd Starts(const VectorXd& lambda, double sigma, Index count) {
  StartOptions options;
  options.sigma = sigma;
  options.count = count;
  return DrawStarts(lambda, options);
}

// One step of a process on y - m in pixels, from its definition with matrices.
MatrixXd DenseStep(
    DiagonalProcess process, const MatrixXd& Sigma, const MatrixXd& x, double s, double next) {
  const MatrixXd noisy = Sigma + s * s * MatrixXd::Identity(Sigma.rows(), Sigma.rows());
  const MatrixXd denoised = Sigma * noisy.ldlt().solve(x);
  if (process == DiagonalProcess::kRepeatedWiener) return denoised;
  if (process == DiagonalProcess::kDdim) return denoised + next / s * (x - denoised);
  return Sigma * x;
}

// The flow by 400 Runge-Kutta steps in log s, d x/d log s = x - D(x; s).
MatrixXd DenseFlow(const MatrixXd& Sigma, MatrixXd x, double s, double next) {
  const int steps = 400;
  const double h = std::log(next / s) / steps;
  const auto slope = [&](const MatrixXd& at, double log_s) -> MatrixXd {
    return at - DenseStep(DiagonalProcess::kRepeatedWiener, Sigma, at, std::exp(log_s), 0);
  };
  for (int i = 0; i < steps; ++i) {
    const double t = std::log(s) + i * h;
    const MatrixXd k1 = slope(x, t), k2 = slope(x + h / 2 * k1, t + h / 2);
    const MatrixXd k3 = slope(x + h / 2 * k2, t + h / 2), k4 = slope(x + h * k3, t + h);
    x += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return x;
}

TEST(LinearDiffusion, AgreesWithTheProcessInPixels) {
  const VectorXd lambda = PowerLaw(8, 2);
  const MatrixXd U = RandomOrthonormal(8, 8, "rotation");
  const MatrixXd Sigma = U * lambda.asDiagonal() * U.transpose();
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 12, 10, 0.1, 7});
  const MatrixXd starts = Starts(lambda, 10, 5);
  for (const DiagonalProcess process : {DiagonalProcess::kRepeatedWiener,
                                        DiagonalProcess::kDdim,
                                        DiagonalProcess::kPowerIteration}) {
    SCOPED_TRACE(NameOf(process));
    const Recursion recursion = MakeRecursion(process, lambda, levels);
    MatrixXd x = U * starts;
    for (Index i = 0; i + 1 < recursion.sigmas.size(); ++i)
      x = DenseStep(process, Sigma, x, recursion.sigmas(i), recursion.sigmas(i + 1));
    if (process == DiagonalProcess::kPowerIteration) x *= std::sqrt(5.0) / x.norm();
    const MatrixXd states = RunRecursion(recursion, starts, 3).final_states;
    EXPECT_LT((U.transpose() * x - states).norm(), kDense * states.norm());
  }
  const Recursion flow = MakeRecursion(DiagonalProcess::kExactFlow, lambda, levels);
  const MatrixXd x = DenseFlow(Sigma, U * starts, 10, 0.1);
  const MatrixXd states = RunRecursion(flow, starts, 3).final_states;
  const double kRungeKutta = 1e-7;  // steps of 0.0115 in log s, fourth order
  EXPECT_LT((U.transpose() * x - states).norm(), kRungeKutta * states.norm());
}

TEST(LinearDiffusion, RepeatedWienerIsPowerIterationAtHighNoise) {
  const VectorXd lambda = FashionModes();
  const VectorXd levels = NoiseLevels({Schedule::kGeometric, 80, 400, 300, 7});
  ASSERT_LT((lambda(0) / levels.array().square()).sum(), 0.02);
  const MatrixXd starts = Starts(lambda, 400, 64);
  const auto run = [&](DiagonalProcess process) {
    return RunRecursion(MakeRecursion(process, lambda, levels), starts, 3);
  };
  const ProcessTrace wiener = run(DiagonalProcess::kRepeatedWiener);
  const ProcessTrace power = run(DiagonalProcess::kPowerIteration);
  ASSERT_LT(power.mode_ratios(1, 80), 1e-15);  // there is something to agree on
  for (Index k = 1; k < 3; ++k)
    for (Index j = 0; j <= 80; ++j)
      EXPECT_NEAR(wiener.mode_ratios(k, j) / power.mode_ratios(k, j), 1, 0.02) << k << " " << j;
}

TEST(LinearDiffusion, RepeatedWienerEndsOnTheLeadingModeAfterALongScheduleOnly) {
  const VectorXd lambda = FashionModes();
  const auto gain_ratio = [&](double largest) {
    const VectorXd levels = NoiseLevels({Schedule::kGeometric, 100, largest, 0.02, 7});
    const Recursion wiener = MakeRecursion(DiagonalProcess::kRepeatedWiener, lambda, levels);
    const VectorXd gains = LogGains(wiener);
    return std::exp(gains(1) - gains(0));
  };
  EXPECT_NEAR(gain_ratio(80) * 1e8, 1.3, 0.1);  // three leading digits of sqrt(lambda) go in
  EXPECT_NEAR(gain_ratio(2), 0.275, 0.005);
  for (const Schedule kind : {Schedule::kKarras, Schedule::kGeometric}) {
    const VectorXd levels = NoiseLevels({kind, 100, 80, 0.02, 7});
    const Recursion wiener = MakeRecursion(DiagonalProcess::kRepeatedWiener, lambda, levels);
    const ProcessTrace trace = RunRecursion(wiener, Starts(lambda, 80, 256), 3);
    EXPECT_LT(trace.cosine(0), 0.7);
    EXPECT_GT(trace.cosine(100), 0.999);
    EXPECT_NEAR(trace.diversity(100), 1, 1e-6);
  }
}

TEST(LinearDiffusion, ProjectionOnTheTrueBasisDoesNotMove) {
  const VectorXd lambda = PowerLaw(6, 1);
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 50, 80, 0.02, 7});
  const MatrixXd starts = Starts(lambda, 80, 16);
  const ProcessTrace trace =
      RunRecursion(MakeRecursion(DiagonalProcess::kTrueProjection, lambda, levels, 4), starts, 6);
  MatrixXd projected = starts;
  projected.bottomRows(2).setZero();
  EXPECT_EQ(trace.final_states, projected);
  for (Index j = 2; j <= 50; ++j) EXPECT_EQ(trace.spectrum.col(j), trace.spectrum.col(1));
  EXPECT_EQ(trace.mode_ratios(5, 50), 0);
}

TEST(LinearDiffusion, DdimIsTheEulerProduct) {
  const VectorXd lambda = PowerLaw(50, 1.5);
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 300, 80, 0.02, 7});
  const MatrixXd starts = Starts(lambda, 80, 4);
  const Recursion ddim = MakeRecursion(DiagonalProcess::kDdim, lambda, levels);
  const MatrixXd states = RunRecursion(ddim, starts, 3).final_states;
  for (Index k = 0; k < 50; ++k) {
    double product = 1;
    for (Index i = 0; i + 1 < 300; ++i) {
      const double s = levels(i);
      product *= 1 + (levels(i + 1) - s) * s / (lambda(k) + s * s);
    }
    for (Index b = 0; b < 4; ++b)
      EXPECT_NEAR(states(k, b) / starts(k, b), product, kProduct * product);
    EXPECT_NEAR(LogGains(ddim)(k), std::log(product), kProduct);
  }
}

// Euler's error is C/N + O(1/N^2): at these N the second term is a few per cent of the first.
TEST(LinearDiffusion, DdimConvergesToTheFlowToFirstOrder) {
  const VectorXd lambda = PowerLaw(20, 2);
  const auto errors = [&](Index steps) -> VectorXd {
    const VectorXd levels = NoiseLevels({Schedule::kGeometric, steps + 1, 80, 0.02, 7});
    const VectorXd ddim = LogGains(MakeRecursion(DiagonalProcess::kDdim, lambda, levels));
    const VectorXd flow = LogGains(MakeRecursion(DiagonalProcess::kExactFlow, lambda, levels));
    return (ddim - flow).array().exp() - 1;
  };
  const VectorXd coarse = errors(400), fine = errors(800);
  for (Index k = 0; k < 20; ++k) {
    EXPECT_GT(std::abs(coarse(k)), 1e-4);
    EXPECT_NEAR(coarse(k) / fine(k), 2, 0.1) << "mode " << k;
  }
}

TEST(LinearDiffusion, DdimHasTheCovarianceOfDataAfterFiveHundredSteps) {
  const VectorXd lambda = PowerLaw(200, 1.5);
  const VectorXd levels = NoiseLevels({Schedule::kGeometric, 501, 80, 0.02, 7});
  const VectorXd gains =
      LogGains(MakeRecursion(DiagonalProcess::kDdim, lambda, levels)).array().exp();
  const VectorXd output = gains.array().square() * (lambda.array() + 80.0 * 80);
  const VectorXd data = lambda.array() + 0.02 * 0.02;
  EXPECT_LT((output.array() / data.array() - 1).abs().maxCoeff(), 0.02);
}

TEST(LinearDiffusion, TheFlowKeepsTheCovarianceOfDataAtEveryStep) {
  const VectorXd lambda = PowerLaw(30, 1.5);
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 40, 80, 0.02, 7});
  const MatrixXd starts = Starts(lambda, 80, 32);
  const ProcessTrace trace =
      RunRecursion(MakeRecursion(DiagonalProcess::kExactFlow, lambda, levels), starts, 5);
  const VectorXd data = lambda.array() + 80.0 * 80;
  const VectorXd share = trace.spectrum.col(0).cwiseQuotient(data);  // chance of 32 starts
  for (Index j = 0; j < 40; ++j) {
    const VectorXd expected = share.array() * (lambda.array() + levels(j) * levels(j));
    EXPECT_LT((trace.spectrum.col(j) - expected).norm(), kProduct * expected.norm());
  }
}

TEST(LinearDiffusion, RatiosSurviveScalesOutsideTheRangeOfADouble) {
  const VectorXd lambda = Eigen::Vector3d(1, 0.999, 0);
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 2000, 80, 0.02, 7});
  const Recursion wiener = MakeRecursion(DiagonalProcess::kRepeatedWiener, lambda, levels);
  ASSERT_LT(LogGains(wiener)(0), -1000);
  const MatrixXd starts = Starts(lambda, 80, 8);
  const ProcessTrace trace = RunRecursion(wiener, starts, 3);
  const double start = starts.row(1).norm() / starts.row(0).norm();
  const double expected = start * std::exp(LogGains(wiener)(1) - LogGains(wiener)(0));
  EXPECT_NEAR(trace.mode_ratios(1, 2000), expected, 1e-9 * expected);
  EXPECT_EQ(trace.mode_ratios(2, 2000), 0);
  EXPECT_EQ(trace.norm(2000), 0);
  EXPECT_TRUE(std::isfinite(trace.cosine(2000)));
  const ProcessTrace power =
      RunRecursion(MakeRecursion(DiagonalProcess::kPowerIteration, lambda, levels), starts, 3);
  EXPECT_NEAR(power.norm(2000), 1, 1e-12);
}

TEST(DiffusionStarts, HaveTheMomentsAskedFor) {
  const VectorXd lambda = FashionModes();
  StartOptions options;
  options.sigma = 2;
  options.count = 20000;
  options.mean = Eigen::Vector3d(9, 0, -3);
  const auto check = [&](const VectorXd& mean, const VectorXd& variance) {
    const MatrixXd starts = DrawStarts(lambda, options);
    for (Index k = 0; k < 3; ++k) {
      const double kSigmas = 5;  // 20000 starts of a fixed seed
      const double spread = std::sqrt(variance(k) / 20000);
      EXPECT_NEAR(starts.row(k).mean(), mean(k), kSigmas * spread);
      const double measured = (starts.row(k).array() - mean(k)).square().mean();
      EXPECT_NEAR(measured, variance(k), kSigmas * variance(k) * std::sqrt(2.0 / 20000));
    }
  };
  check(VectorXd::Zero(3), lambda.array() + 4);
  options.kind = StartKind::kNoise;
  check(-options.mean, VectorXd::Constant(3, 4));
}

TEST(LinearDiffusion, ThrowsOnBadInput) {
  const VectorXd levels = Eigen::Vector2d(2, 1);
  const auto make = [&](const VectorXd& lambda, Index rank) {
    return [=] { MakeRecursion(DiagonalProcess::kTrueProjection, lambda, levels, rank); };
  };
  ExpectError(make(Eigen::Vector2d(1, -1), 1), {"eigenvalue 1 is -1", "at least 0"});
  ExpectError(make(VectorXd::Zero(3), 1), {"none of 3 eigenvalues is above 0", "not constant"});
  ExpectError(make(Eigen::Vector2d(1, 2), 1), {"descending"});
  ExpectError(make(VectorXd(), 1), {"none of 0 eigenvalues"});
  ExpectError(make(Eigen::Vector2d(2, 1), 3), {"rank is 3", "1 to 2"});
  ExpectError(
      [] { MakeRecursion(DiagonalProcess::kDdim, VectorXd::Ones(2), Eigen::Vector2d(1, 2)); },
      {"strictly decreasing"});
  const Recursion flow = MakeRecursion(DiagonalProcess::kExactFlow, VectorXd::Ones(2), levels);
  ExpectError([&] { RunRecursion(flow, MatrixXd::Ones(3, 1), 1); }, {"(3,1)", "(2,b)"});
  StartOptions options;
  options.mean = VectorXd::Ones(5);
  ExpectError([&] { DrawStarts(VectorXd::Ones(2), options); }, {"5 coordinates", "expected 2"});
  options.count = 0;
  ExpectError([&] { options.Check(); }, {"count is 0"});
}

TEST(LinearDiffusion, StopsWhenAsked) {
  RequestCancel();
  for (const DiagonalProcess process : kAll) {
    const Recursion recursion = MakeRecursion(process, VectorXd::Ones(2), Eigen::Vector2d(2, 1), 1);
    EXPECT_THROW(RunRecursion(recursion, MatrixXd::Ones(2, 1), 1), Interrupted);
  }
  ClearCancel();
}

}  // namespace
}  // namespace denoscope
