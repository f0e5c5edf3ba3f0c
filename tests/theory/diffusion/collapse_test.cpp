#include "denoscope/theory/diffusion/collapse.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/theory/diffusion/schedule.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-10;

VectorXd Spectrum() { return (VectorXd(5) << 20, 12, 4, 1, 0).finished(); }

// Starts of which every mode has exactly the second moments given.
MatrixXd ExactStarts(const VectorXd& moments) {
  const Index d = moments.size();
  const VectorXd deviations = (moments * static_cast<double>(d)).cwiseSqrt();
  return deviations.asDiagonal() * MatrixXd::Identity(d, d);
}

MatrixXd MatchedStarts(double sigma) { return ExactStarts(Spectrum().array() + sigma * sigma); }

Collapse Attribute(DiagonalProcess process, const VectorXd& levels, const MatrixXd& starts) {
  const Recursion recursion = MakeRecursion(process, Spectrum(), levels, 3);
  return AttributeCollapse(recursion, RunRecursion(recursion, starts, 4));
}

void ExpectPartsMakeTheTotal(const Collapse& c) {
  EXPECT_LT((c.total - c.start - c.discretisation - c.shrinkage - c.misalignment).norm(),
            kRounding * (1 + c.total.norm()));
}

TEST(Collapse, TheFlowOfMatchedStartsLosesNothing) {
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 30, 80, 0.02, 7});
  const Collapse c = Attribute(DiagonalProcess::kExactFlow, levels, MatchedStarts(80));
  EXPECT_EQ(c.cause, CollapseCause::kNone);
  ASSERT_EQ(c.total.size(), 3);
  EXPECT_LT(c.total.cwiseAbs().maxCoeff(), kRounding);
  EXPECT_EQ(c.status.find("no collapse"), 0u) << c.status;
}

// Modes 1 to 3 begin with a hundredth of their variance. Plain noise instead lacks mode 0 most:
// the opposite of a collapse.
TEST(Collapse, ABadStartIsNamed) {
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 30, 2, 0.02, 7});
  VectorXd moments = Spectrum().array() + 4;
  moments.segment(1, 3) /= 100;
  const Collapse c = Attribute(DiagonalProcess::kExactFlow, levels, ExactStarts(moments));
  EXPECT_EQ(c.cause, CollapseCause::kStart);
  EXPECT_NEAR(c.mean_start, std::log(10.0), kRounding);
  EXPECT_NEAR(c.mean_total, std::log(10.0), kRounding);
  const Collapse flat =
      Attribute(DiagonalProcess::kExactFlow, levels, ExactStarts(VectorXd::Constant(5, 4)));
  EXPECT_LT(flat.mean_start, 0);
  EXPECT_EQ(flat.cause, CollapseCause::kNone);
}

TEST(Collapse, RepeatedDenoisingShrinks) {
  const VectorXd levels = NoiseLevels({Schedule::kGeometric, 100, 80, 0.02, 7});
  for (const DiagonalProcess process :
       {DiagonalProcess::kRepeatedWiener, DiagonalProcess::kPowerIteration}) {
    const Collapse c = Attribute(process, levels, MatchedStarts(80));
    EXPECT_EQ(c.cause, CollapseCause::kShrinkage);
    EXPECT_GT(c.mean_shrinkage, 10);
    EXPECT_NE(c.status.find("collapse by shrinkage"), std::string::npos) << c.status;
    ExpectPartsMakeTheTotal(c);
  }
}

// A loss by hand: two levels, G = lambda^2/((lambda+s^2)(lambda+s'^2)) against the data's share.
TEST(Collapse, IsTheLossOfAmplitudeBesideModeZero) {
  const VectorXd lambda = Spectrum(), levels = Eigen::Vector2d(3, 1);
  const Collapse c = Attribute(DiagonalProcess::kRepeatedWiener, levels, MatchedStarts(3));
  for (Index k = 1; k < 4; ++k) {
    const auto output = [&](Index i) {
      const double gain = lambda(i) * lambda(i) / ((lambda(i) + 9) * (lambda(i) + 1));
      return gain * std::sqrt((lambda(i) + 9) / lambda(i));
    };
    EXPECT_NEAR(c.total(k - 1), std::log(output(0) / output(k)), kRounding);
  }
}

// One Euler step is one Wiener denoising: amplitudes as lambda, where the flow has sqrt(lambda).
TEST(Collapse, DdimInOneStepIsADiscretisation) {
  const Collapse c =
      Attribute(DiagonalProcess::kDdim, Eigen::Vector2d(40, 0.001), MatchedStarts(40));
  EXPECT_EQ(c.cause, CollapseCause::kDiscretisation);
  EXPECT_GT(c.mean_discretisation, std::log(2.0));
  ExpectPartsMakeTheTotal(c);
}

TEST(Collapse, ProjectionOnTheTrueBasisOpposesIt) {
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 30, 80, 0.02, 7});
  const Recursion recursion =
      MakeRecursion(DiagonalProcess::kTrueProjection, Spectrum(), levels, 4);
  const Collapse c = AttributeCollapse(recursion, RunRecursion(recursion, MatchedStarts(80), 4));
  EXPECT_EQ(c.cause, CollapseCause::kNone);
  EXPECT_LT(c.mean_shrinkage, 0);
}

TEST(Collapse, LearnedBasesCollapseByMisalignment) {
  VectorXd lambda = VectorXd::Constant(40, 0.01);
  lambda.head(3) = Eigen::Vector3d(20, 12, 4);
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 20, 20, 0.1, 7});
  StartOptions start;
  start.sigma = 20;
  LearnedOptions options;
  options.chain = {60, 3, 1};
  options.trials = 12;
  options.modes = 3;
  options.processes = {LearnedProcess::kFresh, LearnedProcess::kSequential};
  const LearnedDiffusion result =
      RunLearnedTrials(GaussianSource(lambda), levels, DrawStarts(lambda, start), options).Result();
  const Collapse fresh = AttributeCollapse(LearnedProcess::kFresh, lambda, result.traces[0]);
  EXPECT_EQ(fresh.cause, CollapseCause::kMisalignment) << fresh.status;
  EXPECT_GT(fresh.mean_misalignment, 2 * std::log(2.0));
  ExpectPartsMakeTheTotal(fresh);
  const Collapse sequential =
      AttributeCollapse(LearnedProcess::kSequential, lambda, result.traces[1]);
  EXPECT_GT(sequential.mean_shrinkage, fresh.mean_shrinkage);
  ExpectPartsMakeTheTotal(sequential);
  const VectorXd predicted = AlignmentLoss(result.fresh, NoiseKind::kFresh);
  ASSERT_EQ(predicted.size(), 2);
  double expected = 0;
  for (Index t = 0; t < 20; ++t)
    expected += std::log(result.fresh.alignment(0, t) / result.fresh.alignment(2, t));
  EXPECT_NEAR(predicted(1), expected, kRounding);
  EXPECT_GT(AlignmentLoss(result.accumulated, NoiseKind::kAccumulated).minCoeff(), 0);
}

// Bases without a flaw leave nothing to misalignment.
TEST(Collapse, TrueBasesHaveNoMisalignment) {
  LearnedChain chain;
  chain.sigmas = Eigen::Vector3d(5, 4, 1);
  chain.bases.assign(3, {VectorXd::Ones(4), MatrixXd::Identity(5, 4)});
  LearnedOptions options;
  options.modes = 4;
  const ProcessTrace trace =
      RunLearnedProcess(LearnedProcess::kFresh, chain, MatchedStarts(5), options, 0);
  const Collapse c = AttributeCollapse(LearnedProcess::kFresh, Spectrum(), trace);
  EXPECT_LT(c.misalignment.cwiseAbs().maxCoeff(), kRounding);
  EXPECT_EQ(c.cause, CollapseCause::kNone);
}

TEST(Collapse, IsUndefinedWithoutASecondModeOrAFirst) {
  const VectorXd lambda = Eigen::Vector3d(2, 0, 0);
  const Recursion flow = MakeRecursion(DiagonalProcess::kExactFlow, lambda, Eigen::Vector2d(2, 1));
  const Collapse one = AttributeCollapse(flow, RunRecursion(flow, MatrixXd::Ones(3, 4), 3));
  EXPECT_EQ(one.cause, CollapseCause::kUndefined);
  EXPECT_NE(one.status.find("fewer than two modes"), std::string::npos);
  const Recursion two =
      MakeRecursion(DiagonalProcess::kExactFlow, Eigen::Vector2d(2, 1), Eigen::Vector2d(2, 1));
  const Collapse none = AttributeCollapse(two, RunRecursion(two, MatrixXd::Zero(2, 4), 2));
  EXPECT_EQ(none.cause, CollapseCause::kUndefined);
  EXPECT_NE(none.status.find("mode 0 has vanished"), std::string::npos);
  ExpectError([&] { AttributeCollapse(flow, RunRecursion(two, MatrixXd::Ones(2, 4), 2)); },
              {"2 modes", "expected 3"});
  EXPECT_EQ(Collapse().status, "not computed");
}

TEST(Collapse, AModeThatVanishedCountsAsALargeFiniteLoss) {
  const VectorXd levels = NoiseLevels({Schedule::kKarras, 20, 2, 0.02, 7});
  const Recursion recursion =
      MakeRecursion(DiagonalProcess::kTrueProjection, Spectrum(), levels, 1);
  const Collapse c = AttributeCollapse(recursion, RunRecursion(recursion, MatchedStarts(2), 4));
  EXPECT_EQ(c.cause, CollapseCause::kShrinkage);
  EXPECT_GT(c.mean_total, 300);
  EXPECT_TRUE(std::isfinite(c.mean_total));
}

}  // namespace
}  // namespace denoscope
