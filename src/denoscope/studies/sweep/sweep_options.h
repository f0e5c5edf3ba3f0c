// What a sweep is asked for (sweep.h).
#pragma once

#include <vector>

#include "denoscope/jacobian/jacobian_options.h"
#include "denoscope/measure/cell_analysis.h"
#include "denoscope/measure/measure_options.h"

namespace denoscope {

struct SweepOptions {
  std::vector<std::int64_t> images = {0, 1, 2, 3, 4, 5, 6, 7};  // of the set given, >= 0, distinct
  std::vector<double> sigmas;  // >= 1e-6, distinct; empty: 12 from 0.02 to 3 sqrt(lambda_0)
  std::int64_t draws = 1;      // of noise, an image and noise level, >= 1
  std::int64_t modes = 300;    // leading PCA modes looked at, >= 1; fewer where variance ends
  SpectrumOptions spectrum;
  JacobianOptions jacobian;
  EvaluationOptions evaluation;
  std::uint64_t seed = 0;
  std::int64_t shard = 0, shards = 1;  // this run's share of the units: those with index % shards

  void Check() const;
};

// But shard and shards: they say which units a folder holds, not what is in them, and shards of one
// run merge.
template <typename Visit>
void EachOption(SweepOptions& o, const Visit& visit) {
  auto& [images, sigmas, draws, modes, spectrum, jacobian, evaluation, seed, shard, shards] = o;
  visit("images", images);
  visit("sigmas", sigmas);
  visit("draws", draws);
  visit("modes", modes);
  visit.Within(spectrum);
  visit.Within(jacobian);
  visit.Within(evaluation);
  visit("seed", seed);
  visit.Apart("shard", shard);
  visit.Apart("shards", shards);
}

// The options with what was left to be found: sigmas, sorted, and the number of images there are.
SweepOptions ResolveSweep(SweepOptions options, const AnalysisInput& input);

}  // namespace denoscope
