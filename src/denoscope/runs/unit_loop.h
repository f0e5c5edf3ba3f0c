// The work of a run: units whose names are known before the first is computed, each of which goes
// to a file of its own. So a run that stopped goes on with the units that are missing, and programs
// share a run through its folder alone: the ranks of a job (ranks.h), and jobs that were started
// apart. Each claims a unit before it computes it; of one that died, another takes the unit over.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "denoscope/arrays/npy.h"
#include "denoscope/base/progress.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// RunFolder::Begin by the first rank, for all. The ranks agree on the run's identity before, and
// part after it. Throws on every rank where they disagree, or where one does not see what the first
// wrote or holds: a folder, or locks, not shared between machines.
RunFolder BeginRun(const RunTarget& target, Json manifest);

// The order in which a rank looks for work: its own even part of the units in their order, for
// neighbours may share what they need; then what others have left, each from its end.
std::vector<std::size_t> OrderOfWork(std::size_t units, int rank, int ranks);

struct UnitWords {
  std::string job;         // of messages: "analyze"
  std::string task, noun;  // of progress: "analyzing", "cells"
};

struct UnitLoop {
  UnitWords words;
  std::vector<std::string> names;                // in their order of work
  std::function<Npz(std::size_t)> compute;       // of the unit of this index in `names`
  std::function<std::string(std::size_t)> note;  // for the progress line
};

// Computes what the run lacks, returns when all units are there, whoever computed them, and adds
// the seconds of each of its own to timing.csv. Progress counts those of others too. Throws
// Interrupted, with how many are done, when cancelled between units or within one; finished units
// are kept.
void ComputeUnits(RunFolder& run, const UnitLoop& loop, const ProgressSink& progress);

// The end of a run: calls `write_tables` and sets the status to complete. Only the first rank does,
// and of jobs in one folder the one that gets there first.
void CompleteRun(RunFolder& run, const std::function<void()>& write_tables);

}  // namespace denoscope
