// One spike at many strengths in the same noise: the simulated curve over t of one n/d.
//
// sigma = 1, y = sqrt(t) a u + z with u the first axis (learning_trials.h), all strengths t of a
// trial on the same a and z. Then only the first row b(t) = sqrt(t) a + z_0 of Y depends on t. With
// N = n - 1 (centred), Z the other rows and Z Z^T / N = Q diag(c) Q^T, known once a trial, the
// sample covariance in the basis diag(1, Q) is an arrowhead,
//   [ s      beta^T  ]    s = |b|^2 / N,
//   [ beta   diag(c) ]    beta = Q^T Z b / N,
// whose largest eigenvalue is the root above max c of  L = s + sum beta_j^2 / (L - c_j),  and
//   cos^2 = 1 / (1 + sum beta_j^2 / (L - c_j)^2).
// For n < d the smaller Z^T Z / N = W diag(c) W^T serves: beta_j^2 = c_j (w_j^T b)^2 / N.
// Cost a trial: one eigendecomposition of the smaller side s = min(d - 1, n), then about 4 s^2
// flops for two vectors and O(s) a strength. Source: Golub 1973 (secular equation);
// spiked_simulation.h does the same by the definition, one strength at a time.
#pragma once

#include <Eigen/Dense>
#include <cstdint>

#include "denoscope/base/progress.h"
#include "denoscope/theory/spiked/learning_trials.h"

namespace denoscope {

struct SpikeSweepOptions {
  Eigen::Index d = 0;         // >= 2
  std::int64_t n = 0;         // >= 2
  Eigen::VectorXd strengths;  // t, any order, > 0
  std::int64_t trials = 100;
  std::uint64_t seed = 0;

  void Check() const;
};

struct SpikeSweepTrial {
  Eigen::VectorXd eigenvalues;  // L / sigma^2 of each strength
  Eigen::VectorXd cos2;
};
SpikeSweepTrial RunSpikeSweepTrial(const SpikeSweepOptions& options, std::int64_t trial);

struct SpikeSweep {
  SpikeSweepOptions options;
  TrialMean eigenvalues, cos2, sin_theta;  // each (strengths,1)
};
SpikeSweep SimulateSpikeSweep(const SpikeSweepOptions& options, const ProgressSink& progress = {});

}  // namespace denoscope
