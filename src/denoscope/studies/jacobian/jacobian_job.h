// The Jacobian of a denoiser at one image, by the engine that fits, into a file. The ranks of a job
// share the work; each function is called by all of them.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/files/json.h"
#include "denoscope/jacobian/engine.h"
#include "denoscope/jacobian/jacobian_file.h"
#include "denoscope/runs/rank_plan.h"
#include "denoscope/studies/jacobian/leading_pairs.h"
#include "denoscope/studies/jacobian/whole_spectrum.h"

namespace denoscope {

struct JacobianInput {
  const Denoiser& denoiser;  // of the type of y
  Json model;                // its identity (opened_model.h)
  std::string file;          // of y
  torch::Tensor y;           // (C,H,W)
  double sigma = 0;
};

struct JacobianJob {
  std::optional<Engine> engine;  // dense or coloured; none: chosen
  JacobianOptions options;
  LeadingOptions leading;  // so many pairs in place of the matrix
  SpectrumFiles spectrum;  // of the matrix when it is there
  std::string out;         // NPY; NPZ of a coloured one (sparse_file.h) and of leading pairs
  bool force = false;      // replaces what is there
};

// All that J depends on, in one line: a file goes on, and ranks share work, only where it is the
// same.
std::string JobText(const JacobianInput& input, std::int64_t block);

// Dense for a whole spectrum, Krylov for leading pairs, else of ChooseEngine, which may throw.
EngineChoice EngineFor(const JacobianInput& input, const JacobianJob& job);

// From a probe on this machine.
JacobianPlan PlanJacobian(const JacobianInput& input,
                          const JacobianJob& job,
                          const EngineChoice& choice);
// Up to `most` ranks that divide the blocks of rows, or the vectors of each product, of a Jacobian;
// products of more ranks than a block has vectors are of as many vectors as ranks.
std::vector<RankPlan> PlanRanksOf(const JacobianPlan& plan, std::int64_t most);

// Throws unless all ranks are at the same.
void AgreeOn(const JacobianInput& input, const JacobianJob& job, const EngineChoice& choice);

struct WrittenJacobian {
  JacobianSummary summary;  // on rank 0
  std::string kind;         // "float32", "sparse (.. entries, .. products)"
  double seconds = 0;
  std::optional<WrittenSpectrum> spectrum;  // where it is asked for
};
// Dense or coloured. Ends what the ranks do together, but for a spectrum as soon as the file is
// open.
WrittenJacobian WriteJacobianOf(const JacobianInput& input,
                                const JacobianJob& job,
                                const EngineChoice& choice,
                                const ProgressSink& progress);

// By products alone; rank 0 writes the file.
LeadingPairs WriteLeadingOf(const JacobianInput& input, const JacobianJob& job);

}  // namespace denoscope
