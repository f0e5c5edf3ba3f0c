// The figures of several runs of analyze side by side.
#pragma once

#include <vector>

#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// control: levels against variance and frequency; halves: over Wiener's by mode, beside the theory
// of n images; errors: over Wiener's by noise level.
std::vector<Figure> ComparisonFigures(const RunFolder& run, const Canvas& canvas);

}  // namespace denoscope
