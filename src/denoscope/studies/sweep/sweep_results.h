// What comes after the last unit of a sweep, from its files alone.
#pragma once

#include "denoscope/results/run_folder.h"

namespace denoscope {

// The tables that follow from cells, and from evaluations where there are some; none without cells.
void WriteCellTables(const RunFolder& run, const Reference& reference);

// Writes the tables of docs/formats.md and sets the status "complete". Throws naming a unit that is
// missing.
void FinishRun(RunFolder& run);

}  // namespace denoscope
