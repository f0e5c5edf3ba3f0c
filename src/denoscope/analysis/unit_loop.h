// The work of a run: units whose names are known before the first is computed, each of which goes
// to a file of its own. So a run that stopped goes on with the units that are missing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/files/npy.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

struct UnitLoop {
  std::string job;                               // of messages: "analyze"
  std::string task, noun;                        // of progress: "analyzing", "cells"
  std::vector<std::string> names;                // in their order of work
  std::function<Npz(std::size_t)> compute;       // of the unit of this index in `names`
  std::function<std::string(std::size_t)> note;  // for the progress line
};

// Computes what the run lacks and adds the seconds of each unit to timing.csv. Throws Interrupted,
// with how many are done, when cancelled between units or within one; finished units are kept.
void ComputeUnits(RunFolder& run, const UnitLoop& loop, const ProgressSink& progress);

}  // namespace denoscope
