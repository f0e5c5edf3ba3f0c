// The figures of a diffuse study.
#pragma once

#include <filesystem>
#include <vector>

#include "denoscope/report/figures.h"

namespace denoscope {

std::vector<Figure> DiffuseFigures(const RunFolder& run, const std::filesystem::path& folder);

}  // namespace denoscope
