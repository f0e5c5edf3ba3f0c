// What simulations of learning from n samples share: the population, its draws, means over trials.
//
// The population is Gaussian with independent coordinates: x_k = sqrt(lambda_k) a_k,
// y = x + sigma z. Axes as principal directions lose nothing: white noise has no preferred basis,
// so in any other orthonormal basis every eigenvalue, cosine, gain and error has the same
// distribution.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "denoscope/base/progress.h"

namespace denoscope {

struct Population {
  Eigen::Index d = 0;      // dimension, >= 2
  Eigen::VectorXd lambda;  // (r), 1 <= r <= d, descending, >= 0: variances along the first r axes
  std::int64_t n = 0;      // samples of a trial, >= 2
  std::uint64_t seed = 0;

  void Check() const;
  Eigen::VectorXd FullSpectrum() const;  // (d), zeros beyond r
};

// Trial i draws from streams of its own: it can be computed alone, and the same draws serve every
// lambda and sigma (common random numbers).
Eigen::MatrixXd DrawClean(const Population& population, std::int64_t trial);  // x, (r,n)
Eigen::MatrixXd DrawNoise(const Population& population, std::int64_t trial);  // z, (d,n)

// Takes the mean over samples (columns) from each, in place; n samples then count as n - 1.
void Centre(Eigen::MatrixXd& samples);

// A quantity over trials: its mean and that mean's standard error (NaN below two trials).
struct TrialMean {
  Eigen::MatrixXd mean, error;
  std::int64_t trials = 0;
};

class TrialSums {
 public:
  void Add(const Eigen::MatrixXd& values);  // of one trial; all trials alike in shape
  TrialMean Result() const;                 // throws before the first trial

 private:
  std::int64_t trials_ = 0;
  Eigen::MatrixXd mean_, squares_;  // running mean, sum of squared deviations from it (Welford)
};

// Calls run(0 .. trials - 1); throws Interrupted between trials. `progress` may be empty.
void RunTrials(const std::string& task,
               std::int64_t trials,
               const ProgressSink& progress,
               const std::function<void(std::int64_t)>& run);

}  // namespace denoscope
