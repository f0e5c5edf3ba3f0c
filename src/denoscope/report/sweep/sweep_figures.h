// The figures of cells and evaluations: of a run of analyze, and of states of a sampling run.
#pragma once

#include <vector>

#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// In reading order. What a run lacks (a training set, an evaluation, cells) leaves out the figures
// that need it.
std::vector<Figure> SweepFigures(const RunFolder& run, const Canvas& canvas);

}  // namespace denoscope
