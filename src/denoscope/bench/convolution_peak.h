// The best float32 convolution rate of this machine, channels_last: the yardstick.
#pragma once

namespace denoscope {

double ConvolutionPeakGflops();  // in 1e9 multiplications and additions a second

}  // namespace denoscope
