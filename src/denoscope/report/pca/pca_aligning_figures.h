// Figures of a PCA study about the noise level at which each mode aligns.
#pragma once

#include "denoscope/report/pca/pca_run.h"
#include "denoscope/report/plots/figure.h"

namespace denoscope {

// Against the eigenvalue, beside theory.
Figure AligningByVarianceFigure(const PcaRun& run, const Canvas& canvas);
// Against the frequency.
Figure AligningByFrequencyFigure(const PcaRun& run, const Canvas& canvas);

}  // namespace denoscope
