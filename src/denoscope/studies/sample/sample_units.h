// The units of a sample study: 16 paths each.
#pragma once

#include <string>
#include <vector>

#include "denoscope/results/run_folder.h"
#include "denoscope/results/trajectory_record.h"
#include "denoscope/studies/sample/sample_options.h"

namespace denoscope {

struct SampleUnit {
  std::int64_t first = 0, count = 0;  // samples
  std::string Name() const;           // paths_0000-0015
  std::string Note() const;
};
std::vector<SampleUnit> SampleUnits(const SampleOptions& options);

// wiener may be null: then without the linear path, and starts are of noise alone.
Trajectories ComputeSampleUnit(const AnalysisInput& input,
                               const Denoiser* wiener,
                               const SampleOptions& options,
                               const SampleUnit& unit);

// All units together; throws naming one that is missing.
Trajectories ReadTrajectories(const RunFolder& run, const SampleOptions& options);

}  // namespace denoscope
