// Levels of several runs against variance and against frequency, with their correlations.
#pragma once

#include "denoscope/report/compare/comparison_plots.h"
#include "denoscope/report/plots/figure.h"

namespace denoscope {

// `data` as of ComparedHalves.
Figure ControlFigure(const std::vector<RunBeside>& runs, const Table& data, const Canvas& canvas);

}  // namespace denoscope
