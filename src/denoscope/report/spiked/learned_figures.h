// Figures of the linear denoisers of a spiked study, learned from n samples.
#pragma once

#include "denoscope/report/plots/figure.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// Gains of the denoiser learned from n clean samples, by mode.
Figure LearnedGainsFigure(const RunFolder& run, const Canvas& canvas);
// Error and expected error of both learned denoisers as a share of the least possible.
Figure LearnedErrorFigure(const RunFolder& run, const Canvas& canvas);

}  // namespace denoscope
