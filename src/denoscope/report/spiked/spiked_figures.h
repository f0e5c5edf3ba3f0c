// The figures of a spiked study.
#pragma once

#include <vector>

#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// All of them, in reading order, from the run's tables alone.
std::vector<Figure> SpikedFigures(const RunFolder& run, const Canvas& canvas);

}  // namespace denoscope
