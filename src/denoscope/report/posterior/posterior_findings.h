// What a posterior study found, in a few plain lines.
#pragma once

#include <string>

#include "denoscope/results/run_folder.h"

namespace denoscope {

std::string PosteriorFindings(const RunFolder& run);

}  // namespace denoscope
