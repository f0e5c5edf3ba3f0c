#include "denoscope/theory/diffusion/learned_diffusion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "denoscope/base/cancel.h"
#include "denoscope/theory/diffusion/linear_diffusion.h"
#include "denoscope/theory/diffusion/schedule.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-11;  // relative, products of 20 steps

VectorXd Spectrum() {
  VectorXd lambda = VectorXd::Constant(40, 0.01);
  lambda.head(3) = Eigen::Vector3d(4.45, 3.47, 2.02).cwiseAbs2();
  return lambda;
}

VectorXd Levels(double largest) { return NoiseLevels({Schedule::kKarras, 20, largest, 0.1, 7}); }

MatrixXd Starts(double sigma) {
  StartOptions options;
  options.sigma = sigma;
  options.count = 16;
  return DrawStarts(Spectrum(), options);
}

LearnedOptions Options(Index trials) {
  LearnedOptions options;
  options.chain = {60, 3, 1};
  options.trials = trials;
  options.modes = 3;
  return options;
}

TEST(LearnedDiffusion, AppliesTheOperatorsOfTheChain) {
  const GaussianSource source(Spectrum());
  const LearnedOptions options = Options(1);
  const LearnedChain chain =
      LearnChain(source, Levels(3), NoiseKind::kAccumulated, options.chain, 2);
  MatrixXd projected = Starts(3), regressed = projected;
  for (std::size_t i = 0; i < chain.bases.size(); ++i) {
    const MatrixXd& U = chain.bases[i].vectors;
    projected = (U * U.transpose()) * projected;
    regressed = (chain.regressions[i] * U.transpose()) * regressed;
  }
  const auto states = [&](LearnedProcess process) -> MatrixXd {
    return RunLearnedProcess(process, chain, Starts(3), options, 2).final_states;
  };
  EXPECT_LT((states(LearnedProcess::kAccumulated) - projected).norm(),
            kRounding * projected.norm());
  EXPECT_LT((states(LearnedProcess::kSequential) - regressed).norm(), kRounding * regressed.norm());
}

// By the tower rule the sequential denoisers of a whole population are Wiener's from the first
// level at once. 40000 samples know covariances to 1/200; four levels, entries of order one.
TEST(LearnedDiffusion, SequentialDenoisersOfManySamplesAreWieners) {
  const VectorXd lambda = Eigen::Vector4d(9, 4, 1.5, 0.4);
  const VectorXd levels = Eigen::Vector4d(2, 1.5, 1, 0.5);
  const LearnedChain chain =
      LearnChain(GaussianSource(lambda), levels, NoiseKind::kAccumulated, {40000, 4, 1}, 0);
  const MatrixXd identity = MatrixXd::Identity(4, 4);
  const MatrixXd product =
      RunLearnedProcess(LearnedProcess::kSequential, chain, identity, Options(1), 0).final_states;
  const VectorXd wiener = lambda.array() / (lambda.array() + 4);
  EXPECT_LT((product - MatrixXd(wiener.asDiagonal())).cwiseAbs().maxCoeff(), 0.03);
}

TEST(LearnedDiffusion, InjectsTheVarianceItStates) {
  LearnedChain chain;
  chain.sigmas = Eigen::Vector3d(5, 4, 1);
  chain.bases.assign(3, {VectorXd::Ones(2), MatrixXd::Identity(300, 2)});
  const MatrixXd zeros = MatrixXd::Zero(300, 40);
  LearnedOptions options = Options(1);
  options.modes = 300;
  const auto moments = [&] {
    return RunLearnedProcess(LearnedProcess::kInjectedFresh, chain, zeros, options, 0).spectrum;
  };
  // 298 modes of 40 states each, emptied by the projection before each injection.
  const double share = 5 * std::sqrt(2.0 / (298 * 40));
  const MatrixXd step = moments();
  EXPECT_NEAR(step.col(1).tail(298).mean(), 25 - 16, share * 9);
  EXPECT_NEAR(step.col(2).tail(298).mean(), 16 - 1, share * 15);
  EXPECT_EQ(step.col(3).tail(298).norm(), 0);  // none after the last step
  options.injection = Injection::kNextLevel;
  const MatrixXd next = moments();
  EXPECT_NEAR(next.col(1).tail(298).mean(), 16, share * 16);
  EXPECT_NEAR(next.col(2).tail(298).mean(), 1, share);
}

void ExpectSame(const ChainReport& a, const ChainReport& b) {
  EXPECT_EQ(a.alignment, b.alignment);
  EXPECT_EQ(a.off_diagonal, b.off_diagonal);
  ASSERT_EQ(a.partials.size(), b.partials.size());
  for (std::size_t i = 0; i < a.partials.size(); ++i)
    EXPECT_EQ(a.partials[i].mean, b.partials[i].mean);
}

TEST(LearnedDiffusion, ThreadsChangeNothing) {
  const GaussianSource source(Spectrum());
  LearnedOptions options = Options(7);
  const LearnedDiffusion one = RunLearnedTrials(source, Levels(3), Starts(3), options).Result();
  options.threads = 3;
  std::vector<std::int64_t> done;
  const ProgressSink progress = [&](const Progress& p) { done.push_back(p.done); };
  const LearnedDiffusion three =
      RunLearnedTrials(source, Levels(3), Starts(3), options, progress).Result();
  EXPECT_EQ(done, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7}));
  ASSERT_EQ(one.traces.size(), options.processes.size());
  for (std::size_t i = 0; i < one.traces.size(); ++i) {
    EXPECT_EQ(one.traces[i].process, NameOf(options.processes[i]));
    EXPECT_EQ(one.traces[i].spectrum, three.traces[i].spectrum);
    EXPECT_EQ(one.traces[i].cosine, three.traces[i].cosine);
    EXPECT_EQ(one.traces[i].cosine_error, three.traces[i].cosine_error);
    EXPECT_EQ(one.traces[i].final_states, three.traces[i].final_states);
  }
  ExpectSame(one.fresh, three.fresh);
  ExpectSame(one.accumulated, three.accumulated);
}

// To rounding only: sums of sums are added in another order.
TEST(LearnedDiffusion, BlocksOfTrialsMerge) {
  const GaussianSource source(Spectrum());
  LearnedOptions options = Options(7);
  const LearnedDiffusion whole = RunLearnedTrials(source, Levels(3), Starts(3), options).Result();
  options.trials = 3;
  LearnedSums sums = RunLearnedTrials(source, Levels(3), Starts(3), options);
  options.first = 3;
  options.trials = 4;
  sums.Merge(RunLearnedTrials(source, Levels(3), Starts(3), options));
  const LearnedDiffusion merged = sums.Result();
  for (std::size_t i = 0; i < whole.traces.size(); ++i) {
    const ProcessTrace &a = whole.traces[i], &b = merged.traces[i];
    EXPECT_EQ(b.trials, 7);
    for (const auto part : {&ProcessTrace::cosine,
                            &ProcessTrace::cosine_error,
                            &ProcessTrace::diversity,
                            &ProcessTrace::spread,
                            &ProcessTrace::norm})
      EXPECT_LT((a.*part - b.*part).norm(), 1e-9 * (a.*part).norm());
    EXPECT_LT((a.mode_ratios - b.mode_ratios).norm(), 1e-9 * a.mode_ratios.norm());
    EXPECT_EQ(a.final_states, b.final_states);
  }
  EXPECT_EQ(merged.fresh.trials, 7);
  EXPECT_LT((whole.fresh.energy_error - merged.fresh.energy_error).norm(), 1e-9);
  EXPECT_LT((whole.accumulated.off_diagonal - merged.accumulated.off_diagonal).norm(), 1e-9);
  for (std::size_t i = 0; i < whole.fresh.partials.size(); ++i) {
    const PartialOperators &a = whole.fresh.partials[i], &b = merged.fresh.partials[i];
    EXPECT_LT((a.error - b.error).norm(), 1e-9);
    EXPECT_LT((a.consecutive - b.consecutive).norm(), 1e-9);
  }
}

TEST(LearnedDiffusion, LearnsOnlyTheChainsItNeeds) {
  LearnedOptions options = Options(1);
  options.processes = {LearnedProcess::kFresh};
  const LearnedDiffusion result =
      RunLearnedTrials(GaussianSource(Spectrum()), Levels(3), Starts(3), options).Result();
  EXPECT_EQ(result.fresh.trials, 1);
  EXPECT_EQ(result.accumulated.trials, 0);
}

// Sixty levels, half of them above the critical one of mode 0: all states of a trial end on one
// line near u_0, surely with fresh noise, less so with accumulated. The true basis would leave the
// states alone. 12 trials; bounds on cosines lie 4 standard errors away or more.
TEST(LearnedDiffusion, LearnedBasesCollapseOnTheLeadingMode) {
  VectorXd lambda = VectorXd::Constant(40, 0.01);
  lambda.head(3) = Eigen::Vector3d(20, 8, 4);
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 60, 20, 0.1, 7});
  const LearnedDiffusion result =
      RunLearnedTrials(GaussianSource(lambda), levels, Starts(20), Options(12)).Result();
  const ProcessTrace &fresh = result.traces[0], &accumulated = result.traces[1];
  EXPECT_LT(fresh.cosine(0), 0.3);
  EXPECT_GT(fresh.diversity(0), 5);
  EXPECT_GT(fresh.cosine(60) - 0.95, 4 * fresh.cosine_error(60));
  EXPECT_GT(accumulated.cosine(60) - 0.5, 4 * accumulated.cosine_error(60));
  EXPECT_LT(fresh.diversity(60), 1.01);
  EXPECT_LT(accumulated.diversity(60), 1.2);
  for (Index k = 1; k < 3; ++k) {
    const double data = std::sqrt(lambda(k) / lambda(0));
    EXPECT_LT(fresh.mode_ratios(k, 60), 0.3 * data);
    EXPECT_LT(accumulated.mode_ratios(k, 60), 0.6 * data);
  }
}

TEST(LearnedDiffusion, WorksOnGivenSamples) {
  const GaussianSource gaussian(Spectrum());
  RandomStream random(3, "images");
  const EmpiricalSource source(gaussian.CleanFactor(81, random));
  LearnedOptions options = Options(2);
  const LearnedDiffusion result = RunLearnedTrials(source, Levels(3), Starts(3), options).Result();
  EXPECT_GT(result.fresh.energy.col(19).minCoeff(), 0.95);  // the cleanest level: little noise
  options.chain.samples = 81;
  ExpectError([&] { RunLearnedTrials(source, Levels(3), Starts(3), options); },
              {"n is 81", "80 samples"});
}

TEST(LearnedDiffusion, ThrowsOnBadInput) {
  const GaussianSource source(Spectrum());
  LearnedOptions options = Options(1);
  const auto run = [&] { RunLearnedTrials(source, Levels(3), Starts(3), options); };
  ExpectError([&] { RunLearnedTrials(source, Levels(3), MatrixXd::Ones(3, 3), options); },
              {"(3,3)", "(40,b)"});
  options.chain.samples = 1;
  ExpectError(run, {"n is 1"});
  options.chain = {60, 41, 0};
  ExpectError(run, {"rank is 41", "= 40"});
  options = Options(0);
  ExpectError(run, {"trials is 0"});
  options = Options(1);
  options.threads = 0;
  ExpectError(run, {"threads is 0"});
  options = Options(1);
  options.processes.clear();
  ExpectError(run, {"no process"});
  const LearnedChain fresh = LearnChain(source, Levels(3), NoiseKind::kFresh, Options(1).chain, 0);
  ExpectError(
      [&] { RunLearnedProcess(LearnedProcess::kSequential, fresh, Starts(3), Options(1), 0); },
      {"sequential", "accumulated"});
}

TEST(LearnedDiffusion, StopsWhenAsked) {
  RequestCancel();
  EXPECT_THROW(RunLearnedTrials(GaussianSource(Spectrum()), Levels(3), Starts(3), Options(4)),
               Interrupted);
  ClearCancel();
}

}  // namespace
}  // namespace denoscope
