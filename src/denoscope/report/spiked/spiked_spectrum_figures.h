// Figures of a spiked study's whole spectrum, from the tables of the run.
#pragma once

#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// cos^2 by mode, a panel an n/d, each at the noise where its mean is nearest to one half.
Figure CrowdedModesFigure(const RunFolder& run, const Canvas& canvas);
// The noise level at which each mode's cos^2 is one half.
Figure AligningFigure(const RunFolder& run, const Canvas& canvas);

}  // namespace denoscope
