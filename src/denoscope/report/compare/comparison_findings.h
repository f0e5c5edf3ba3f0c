// What several runs of analyze show side by side, in a few plain lines.
#pragma once

#include <string>

#include "denoscope/results/run_folder.h"

namespace denoscope {

std::string ComparisonFindings(const RunFolder& run);

}  // namespace denoscope
