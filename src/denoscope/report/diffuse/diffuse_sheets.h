// Sheets of pictures of a diffuse study: what each process makes of the same starts.
#pragma once

#include "denoscope/report/diffuse/diffuse_run.h"
#include "denoscope/report/plots/figure.h"

namespace denoscope {

// As images, the mean added; and without it, each state scaled by its own largest value.
Figure SamplesSheet(const DiffuseRun& run, const Canvas& canvas);
Figure DirectionsSheet(const DiffuseRun& run, const Canvas& canvas);

}  // namespace denoscope
