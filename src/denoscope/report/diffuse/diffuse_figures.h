// The figures of a diffuse study.
#pragma once

#include <vector>

#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

std::vector<Figure> DiffuseFigures(const RunFolder& run, const Canvas& canvas);

}  // namespace denoscope
