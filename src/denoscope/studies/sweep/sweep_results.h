// What comes after the last unit of a sweep, from its files alone.
#pragma once

#include <string>
#include <vector>

#include "denoscope/emergence/emergence_analysis.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// What the tables of a run's cells depend on beside its files.
struct CellTableOptions {
  std::vector<double> sigmas;  // ascending
  EmergenceOptions emergence;
  std::vector<std::string> nulls;  // evaluated in the run
};

// The tables that follow from cells, and from evaluations where there are some; none without cells.
void WriteCellTables(const RunFolder& run,
                     const Reference& reference,
                     const CellTableOptions& options);

// Writes the tables of docs/formats.md and sets the status "complete". Throws naming a unit that is
// missing.
void FinishRun(RunFolder& run);

}  // namespace denoscope
