// The figures of a posterior study: a sheet of the first images, and the coverage.
#pragma once

#include <vector>

#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

std::vector<Figure> PosteriorFigures(const RunFolder& run, const Canvas& canvas);

}  // namespace denoscope
