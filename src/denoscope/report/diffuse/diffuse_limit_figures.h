// Figures of a diffuse study: where its processes meet their limits.
#pragma once

#include "denoscope/report/diffuse/diffuse_run.h"
#include "denoscope/report/plots/figure.h"

namespace denoscope {

// Power iteration against repeated Wiener denoising; DDIM against the exact flow.
Figure PowerFigure(const DiffuseRun& run, const Canvas& canvas);
Figure DdimFigure(const DiffuseRun& run, const Canvas& canvas);

}  // namespace denoscope
