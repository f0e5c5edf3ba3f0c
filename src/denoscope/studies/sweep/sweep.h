// The main job: a denoiser's Jacobian and spectrum at every cell of images x noise levels x draws,
// the same of the Wiener denoiser through the same engine, and an evaluation over held-out images
// at each noise level; then tables and emergence from all of them, in a run folder that resumes.
#pragma once

#include "denoscope/results/run_folder.h"
#include "denoscope/studies/sweep/sweep_options.h"

namespace denoscope {

// Runs or resumes. Throws Interrupted, with finished units kept, when cancelled.
RunFolder RunSweep(const AnalysisInput& input,
                   const SweepOptions& options,
                   const RunTarget& target);

}  // namespace denoscope
