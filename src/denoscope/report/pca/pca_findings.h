// What a PCA study found, in plain lines.
#pragma once

#include <string>

#include "denoscope/results/run_folder.h"

namespace denoscope {

std::string PcaFindings(const RunFolder& run);

}  // namespace denoscope
