// The tables of a spiked study: means over trials with their standard errors (columns _error)
// beside what the theory says (columns _theory, or by the name of the theory). Columns are
// explained in docs/formats.md.
#pragma once

#include <map>
#include <string>

#include "denoscope/files/csv.h"
#include "denoscope/results/run_folder.h"
#include "denoscope/studies/spiked/spiked_options.h"

namespace denoscope {

// By file name. Reads every unit of a run with these resolved options; throws when one is missing.
std::map<std::string, Table> SpikedTables(const RunFolder& run, const SpikedStudyOptions& options);

}  // namespace denoscope
