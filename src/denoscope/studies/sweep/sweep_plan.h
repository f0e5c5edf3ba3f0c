// What a sweep will cost, from a probe on this machine: one image's Jacobian in part, one spectrum,
// one batch of the evaluation.
#pragma once

#include <string>

#include "denoscope/runs/rank_plan.h"
#include "denoscope/studies/sweep/sweep_options.h"

namespace denoscope {

struct SweepPlan {
  std::int64_t d = 0, cells = 0, evaluations = 0;
  double jacobian_seconds = 0, spectrum_seconds = 0, evaluation_seconds = 0;  // of one
  double seconds = 0;       // of this shard's units, without figures
  std::int64_t memory = 0;  // at the peak, bytes
  RankWork work;            // of this shard
  std::string Text() const;
};

// `options` resolved. A spectrum beyond d = 1536 is extrapolated with d^3.
SweepPlan PlanSweep(const AnalysisInput& input, const SweepOptions& options);

}  // namespace denoscope
