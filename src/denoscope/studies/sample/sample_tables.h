// The tables of a sample study, from its paths and reference. Columns: docs/formats.md.
#pragma once

#include "denoscope/results/run_folder.h"
#include "denoscope/studies/sample/sample_options.h"

namespace denoscope {

// reference: with all its modes, or without a training set. Writes what the run's paths can show:
//   paths.csv             a row a sample: how far it came
//   steps.csv             a row a process and state: where all samples are
//   emergence_steps.csv   a row a process, direction and state
//   path_emergence.csv, path_statistics.csv   levels at which directions emerge
//   collapse.csv          what has been lost beside mode 0, and by what
//   fixed_points.csv      of repeated denoising at one level
void WriteSampleTables(const RunFolder& run,
                       const Reference& reference,
                       const SampleOptions& options);

}  // namespace denoscope
