// The figures of a sampling run that need no Jacobians.
#pragma once

#include <vector>

#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

std::vector<Figure> SampleFigures(const RunFolder& run, const Canvas& canvas);

}  // namespace denoscope
