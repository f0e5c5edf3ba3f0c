// What a sampling run shows, in sentences with numbers.
#pragma once

#include <string>

#include "denoscope/results/run_folder.h"

namespace denoscope {

std::string SampleFindings(const RunFolder& run);

}  // namespace denoscope
