// The main job: a denoiser's Jacobian and spectrum at every cell of images x noise levels x draws,
// the same of the Wiener denoiser through the same engine, and an evaluation over held-out images
// at each noise level; then tables and emergence from all of them, in a run folder that resumes.
#pragma once

#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/measure/cell_analysis.h"
#include "denoscope/measure/evaluation.h"

namespace denoscope {

struct SweepOptions {
  std::vector<std::int64_t> images = {0, 1, 2, 3, 4, 5, 6, 7};  // of the set given, >= 0, distinct
  std::vector<double> sigmas;  // > 0, distinct; empty: 12 from 0.02 to 3 sqrt(lambda_0)
  std::int64_t draws = 1;      // of noise, an image and noise level, >= 1
  std::int64_t modes = 300;    // leading PCA modes looked at, >= 1; fewer where variance ends
  SpectrumOptions spectrum;
  JacobianOptions jacobian;
  EvaluationOptions evaluation;
  std::uint64_t seed = 0;
  std::int64_t shard = 0, shards = 1;  // this run's share of the units: those with index % shards

  void Check() const;
};

// The options with what was left to be found: sigmas, sorted, and the number of images there are.
SweepOptions ResolveSweep(SweepOptions options, const SweepInput& input);

// Runs or resumes. Throws Interrupted, with finished units kept, when cancelled.
RunFolder RunSweep(const SweepInput& input,
                   const SweepOptions& options,
                   const std::filesystem::path& out,
                   bool force,
                   const ProgressSink& progress);

}  // namespace denoscope
