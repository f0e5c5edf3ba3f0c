// The figures of a diffuse study.
#pragma once

#include <vector>

#include "denoscope/report/figures.h"

namespace denoscope {

std::vector<Figure> DiffuseFigures(const RunFolder& run, const Canvas& canvas);

}  // namespace denoscope
