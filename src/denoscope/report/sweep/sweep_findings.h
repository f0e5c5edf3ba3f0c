// What a run of analyze found, in a few plain lines, from its records alone.
#pragma once

#include <string>

#include "denoscope/results/run_folder.h"

namespace denoscope {

// One finding a line, with intervals or standard errors where the records hold them. What the run
// cannot say (no evaluation, no training set, too few images) is said instead.
std::string SweepFindings(const RunFolder& run);

}  // namespace denoscope
