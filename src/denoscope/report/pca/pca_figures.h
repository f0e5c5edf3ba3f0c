// The figures of a PCA study.
#pragma once

#include <vector>

#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// All of them, in reading order, from the run's tables and reference alone.
std::vector<Figure> PcaFigures(const RunFolder& run, const Canvas& canvas);

}  // namespace denoscope
