// Figures of learned bases in a diffuse study: partial operators and alignment.
#pragma once

#include "denoscope/report/diffuse/diffuse_run.h"
#include "denoscope/report/plots/figure.h"

namespace denoscope {

Figure OperatorsFigure(const DiffuseRun& run, const Canvas& canvas);  // heat maps
Figure DiagonalsFigure(const DiffuseRun& run, const Canvas& canvas);
Figure BasesFigure(const DiffuseRun& run, const Canvas& canvas);
Figure AssumptionFigure(const DiffuseRun& run, const Canvas& canvas);

}  // namespace denoscope
