// The tables of a spiked study's whole spectrum: modes.csv, aligning.csv, learning.csv, gains.csv.
#pragma once

#include <map>
#include <string>

#include "denoscope/studies/spiked/spiked_trials.h"

namespace denoscope {

// Adds the rows of one case of the questions modes, plug-in or regression.
void AddSpectrumTables(const SpikedTrials& trials,
                       const SpikedCase& at,
                       const SpikedStudyOptions& options,
                       std::map<std::string, Table>& tables);

}  // namespace denoscope
