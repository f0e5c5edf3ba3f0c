// The values of some images' pixels.
#pragma once

#include <torch/types.h>

namespace denoscope {

struct PixelSummary {
  double low = 0, high = 0, mean = 0;
  double deviation = 0;  // root of the mean square about the mean
};
// Of floating point, any shape, at least one value; throws torch's error for none.
PixelSummary SummaryOf(const torch::Tensor& images);

}  // namespace denoscope
