#include "denoscope/theory/spiked/spike_sweep.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/theory/spiked/spiked_covariance.h"
#include "denoscope/theory/spiked/spiked_simulation.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

SpikeSweepOptions Sweep(Index d, std::int64_t n) {
  SpikeSweepOptions options;
  options.d = d;
  options.n = n;
  options.strengths.resize(6);
  options.strengths << 1e-6, 0.3, 1, 1.5, 4, 1e6;
  options.strengths *= std::sqrt(static_cast<double>(d) / static_cast<double>(n));
  options.seed = 8;
  return options;
}

TEST(SpikeSweep, AgreesWithOneEigenproblemPerStrength) {
  // At the threshold the leading gap is about 0.01 of the eigenvalues: 1e-15 / 0.01.
  constexpr double kRounding = 1e-11;
  struct Case {
    Index d;
    std::int64_t n;
  };
  for (const Case& c : {Case{2, 2},
                        Case{2, 9},
                        Case{40, 20},
                        Case{40, 39},
                        Case{40, 40},
                        Case{40, 41},
                        Case{40, 120}}) {
    const SpikeSweepOptions sweep = Sweep(c.d, c.n);
    for (const std::int64_t trial : {0, 5}) {
      const SpikeSweepTrial fast = RunSpikeSweepTrial(sweep, trial);
      for (Index i = 0; i < sweep.strengths.size(); ++i) {
        SCOPED_TRACE(testing::Message() << "d " << c.d << ", n " << c.n << ", strength " << i);
        NoisyPcaOptions options;
        options.sigma = 1;
        const VectorXd lambda = VectorXd::Constant(1, sweep.strengths(i));
        const NoisyPcaTrial slow = RunNoisyPcaTrial({c.d, lambda, c.n, 8}, options, trial);
        EXPECT_NEAR(fast.eigenvalues(i), slow.eigenvalues(0), kRounding * slow.eigenvalues(0));
        EXPECT_NEAR(fast.cos2(i), slow.cos2(0), kRounding);
      }
    }
  }
}

TEST(SpikeSweep, AgreesWithTheTheoryAboveTheThreshold) {
  constexpr double kStandardErrors = 4;  // 60 trials a point
  for (const std::int64_t n : {50, 100, 300}) {
    SpikeSweepOptions sweep = Sweep(100, n);
    sweep.strengths = std::sqrt(100.0 / static_cast<double>(n)) * Eigen::Vector3d(1.6, 3, 10);
    sweep.trials = 60;
    const SpikeSweep found = SimulateSpikeSweep(sweep);
    for (Index i = 0; i < 3; ++i) {
      SCOPED_TRACE(testing::Message() << "n " << n << ", strength " << i);
      const double t = sweep.strengths(i), gamma = 100.0 / static_cast<double>(n - 1);
      const double c2 = SpikeAlignment(t, gamma), L = SpikeEigenvalue(t, gamma);
      EXPECT_NEAR(found.cos2.mean(i), c2, kStandardErrors * found.cos2.error(i) + 8.0 / 100 * c2);
      EXPECT_NEAR(found.eigenvalues.mean(i),
                  L,
                  kStandardErrors * found.eigenvalues.error(i) + 8.0 / 100 * L);
      EXPECT_GT(found.sin_theta.mean(i), 0);
      EXPECT_LE(found.sin_theta.mean(i), std::sqrt(1 - found.cos2.mean(i)));  // Jensen
    }
  }
}

TEST(SpikeSweep, SameSeedSameBytes) {
  const SpikeSweepOptions sweep = Sweep(20, 30);
  EXPECT_EQ(RunSpikeSweepTrial(sweep, 4).cos2, RunSpikeSweepTrial(sweep, 4).cos2);
  EXPECT_NE(RunSpikeSweepTrial(sweep, 4).cos2, RunSpikeSweepTrial(sweep, 5).cos2);
}

TEST(SpikeSweep, ThrowsOnBadInput) {
  SpikeSweepOptions sweep = Sweep(20, 1);
  ExpectError([&] { SimulateSpikeSweep(sweep); }, {"n is 1"});
  sweep = Sweep(20, 30);
  sweep.strengths(2) = 0;
  ExpectError([&] { SimulateSpikeSweep(sweep); }, {"strength 2 is 0"});
  sweep.strengths.resize(0);
  ExpectError([&] { SimulateSpikeSweep(sweep); }, {"no strengths"});
  sweep = Sweep(20, 30);
  sweep.trials = 0;
  ExpectError([&] { SimulateSpikeSweep(sweep); }, {"0 trials"});
}

}  // namespace
}  // namespace denoscope
