// The whole Jacobian of a UNet of three levels, beside the convolution peak.
#pragma once

#include "denoscope/base/image_shape.h"
#include "denoscope/files/json.h"

namespace denoscope {

// dense_gflop: d backward passes through the convolutions, what a method row by row has to do;
// executed_gflop: what was done; dense_share: of `peak`, ConvolutionPeakGflops, by the former;
// max_error: against central differences in float64, over the largest entry, up to d = 1024.
Json BenchJacobian(const ImageShape& shape, int repeats, double peak);

}  // namespace denoscope
