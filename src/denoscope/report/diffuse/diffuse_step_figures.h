// Figures of a diffuse study by step: what each process does to the states.
#pragma once

#include "denoscope/report/diffuse/diffuse_run.h"
#include "denoscope/report/plots/figure.h"

namespace denoscope {

Figure CosineFigure(const DiffuseRun& run, const Canvas& canvas);
Figure RatiosFigure(const DiffuseRun& run, const Canvas& canvas);
Figure DiversityFigure(const DiffuseRun& run, const Canvas& canvas);
Figure SchedulesFigure(const DiffuseRun& run, const Canvas& canvas);
Figure OutputSpectraFigure(const DiffuseRun& run, const Canvas& canvas);
// Why each process has collapsed, in parts that add up.
Figure CollapseFigure(const DiffuseRun& run, const Canvas& canvas);

}  // namespace denoscope
