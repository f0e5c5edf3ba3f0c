// Several finished runs of analyze side by side, from their folders alone: of the same network on
// other data (is it variance or frequency that orders emergence?), or of networks learned from more
// and more images, beside what the plug-in Wiener denoiser of as many would show
// (theory/optimal/kappa.h, with the run's reference covariance for the truth).
#pragma once

#include <filesystem>
#include <vector>

#include "denoscope/results/compared_runs.h"
#include "denoscope/results/comparison.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

Comparison Compare(const std::vector<ComparedRun>& runs);

// Compare into a run folder of kind "compare". `record` is what it says of the program beside its
// identity, the runs' own. Throws as ReadComparedRuns and RunFolder::Begin do.
RunFolder CompareRuns(const std::vector<std::filesystem::path>& runs,
                      const Json& record,
                      const RunTarget& target);

}  // namespace denoscope
