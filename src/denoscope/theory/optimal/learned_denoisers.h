// Linear denoisers learned from n samples, simulated: what kappa.h predicts.
//
// A trial draws clean x_i and noise z_i (learning_trials.h) and, for every sigma on these draws,
// learns
//   plug-in:    J = S (S + sigma^2)^-1, S the centred covariance of the clean x_i, divisor n - 1;
//               D(y) = x_mean + J (y - x_mean); the z_i are not used;
//   regression: J = X Y^T (Y Y^T)^+ on the centred pairs x_i, y_i = x_i + sigma z_i;
//               D(y) = x_mean + J (y - y_mean), least squares for d <= n - 1, else the solution of
//               least norm, which fits the pairs exactly.
// Gains J_kk and errors on fresh samples need no test images, for population and J are known:
//   E|x - D|^2 = tr (I - J) Sigma (I - J)^T + sigma^2 |J|_F^2 + |x_mean - J mean|^2,
// the last term that of the learned means (mean: of x_i or of y_i). No term is estimated; only J
// varies between trials. For n - 2 <= d <= n regression has no finite mean error: its average
// over trials is then an accident of the seed (kappa.h).
//
// Cost a trial: plug-in one eigendecomposition of the smaller side s = min(d, n) for all sigmas and
// O(d s) for each; regression one and d s (2 d + n) flops for each.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>

#include "denoscope/base/progress.h"
#include "denoscope/theory/spiked/learning_trials.h"

namespace denoscope {

enum class Learning { kPlugIn, kRegression };

struct LearningOptions {
  Learning method = Learning::kPlugIn;
  Eigen::VectorXd sigmas;  // any order, > 0
  std::int64_t trials = 100;

  void Check(const Population& population) const;
};

struct LearningTrial {
  Eigen::MatrixXd gains;   // J_kk of the r modes, (r, sigmas)
  Eigen::VectorXd mse;     // E|x - D|^2 on fresh samples, summed over the d entries
  Eigen::VectorXd belief;  // sigma^2 tr J
};
LearningTrial RunLearningTrial(const Population& population,
                               const LearningOptions& options,
                               std::int64_t trial);

struct LearnedDenoisers {
  Eigen::Index d = 0;
  std::int64_t n = 0;
  LearningOptions options;
  TrialMean gains;        // (r, sigmas)
  TrialMean mse, belief;  // (sigmas,1)
  Eigen::VectorXd mmse;   // of the Wiener denoiser, sigma^2 sum lambda/(lambda + sigma^2)
};
LearnedDenoisers SimulateLearning(const Population& population,
                                  const LearningOptions& options,
                                  const ProgressSink& progress = {});

}  // namespace denoscope
