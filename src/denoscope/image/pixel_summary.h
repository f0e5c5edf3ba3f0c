// The values of some images' pixels.
#pragma once

#include <torch/types.h>

namespace denoscope {

struct PixelSummary {
  double low = 0, high = 0, mean = 0;
  double deviation = 0;  // root of the mean square about the mean
};
PixelSummary SummaryOf(const torch::Tensor& images);

}  // namespace denoscope
