// Emergence along sampled paths as tables: the levels at which PCA modes and bands of the DCT are
// there in the estimates D(x_t), of the denoiser and of Wiener's on its own paths. Columns:
// docs/formats.md; measures: trajectory_curves.h.
#pragma once

#include <string>
#include <vector>

#include "denoscope/results/records.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/results/trajectory_record.h"

namespace denoscope {

struct PathEmergenceOptions {
  std::int64_t modes = 300;       // leading PCA modes
  std::int64_t replicates = 200;  // bootstrap over samples
  std::uint64_t seed = 0;
};

struct PathProcess {
  std::string name;  // deep|linear
  const Path* path;
};
std::vector<PathProcess> ProcessesOf(const Trajectories& all);  // which must outlive them

// (T), of the samples that are whole the geometric mean: `blind` samples have each their own.
Eigen::VectorXd MeanSigmas(const Path& path);

// Writes emergence_steps.csv, path_emergence.csv and path_statistics.csv. reference: with all its
// modes, or without a training set, where bands alone are told of.
void WritePathEmergence(const RunFolder& run,
                        const std::vector<PathProcess>& processes,
                        const Reference& reference,
                        const PathEmergenceOptions& options);

}  // namespace denoscope
