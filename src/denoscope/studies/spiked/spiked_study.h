// What PCA and linear denoisers learn from n samples, simulated beside every closed form that the
// theory folder has, in a run folder. Four questions, sigma = 1 in the first two:
//
//   spike   one direction of strength t in white noise, at every d and n/d: cos^2, sample
//           eigenvalue, and the error of three gains on it (spiked_covariance.h);
//   bulk    all eigenvalues around spikes at 0.5, 2 and 4 thresholds, at the largest d
//           (marchenko_pastur.h);
//   modes   a whole spectrum in noise sigma, at the smallest d: cos^2 and eigenvalue of each mode
//           (spiked, anisotropic and mixed form), the noise at which each aligns;
//   plug-in, regression
//           linear denoisers learned from n clean samples, or from n pairs, of the same spectrum:
//           gains, error, the error they expect (kappa.h).
//
// Everywhere gamma = d/(n - 1), for samples are centred on their mean, and a strength is given in
// units of the threshold sqrt(gamma). Trials of different questions, d and n are independent;
// strengths and noise levels of a trial share its draws, so neighbouring points err together.
//
// Units of work: ten trials of one question at one d and n, each trial's numbers kept.
// Cost with the defaults: about a minute and a half on one core, most of it for d = 800.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

struct SpikedStudyOptions {
  std::vector<std::int64_t> d = {200, 800};    // dimensions, >= 4, distinct
  std::vector<double> ratios = {0.5, 1, 3};    // n/d, > 0, distinct
  std::vector<double> strengths;               // t in thresholds, > 0, distinct; empty: 12
  std::vector<double> spectrum;                // variances lambda, >= 0; empty: the power law
  double power_scale = 10, power_decay = 1.2;  // lambda_k = scale (k + 1)^-decay, > 0, >= 0
  std::vector<double> sigmas;                  // noise levels on that, > 0; empty: 8, 0.1 to 4
  std::int64_t modes = 20;                     // leading modes compared, 1 to min(n - 1, d)
  std::int64_t trials = 100;                   // >= 2: one trial has no standard error
  std::uint64_t seed = 0;

  void Check() const;
};

// The options with what was left empty, lists sorted: variances descending, all else ascending.
SpikedStudyOptions ResolveSpikedStudy(SpikedStudyOptions options);

// Runs or resumes, and ends with the tables (spiked_tables.h). `record` is written to run.json.
// Throws Interrupted, with finished units kept, when cancelled.
RunFolder RunSpikedStudy(const SpikedStudyOptions& options,
                         const Json& record,
                         const std::filesystem::path& out,
                         bool force,
                         const ProgressSink& progress);

}  // namespace denoscope
