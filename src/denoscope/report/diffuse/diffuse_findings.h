// The findings of a diffuse study.
#pragma once

#include <string>

#include "denoscope/results/run_folder.h"

namespace denoscope {

std::string DiffuseFindings(const RunFolder& run);

}  // namespace denoscope
