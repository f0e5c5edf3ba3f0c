// A sheet of one image's posterior: a block a noise level.
#pragma once

#include "denoscope/report/plots/figure.h"
#include "denoscope/report/posterior/posterior_run.h"

namespace denoscope {

Figure PosteriorSheet(const PosteriorRun& run, std::int64_t image, const Canvas& canvas);

}  // namespace denoscope
