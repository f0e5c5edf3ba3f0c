// Images side by side, as they are.
#pragma once

#include <torch/types.h>

#include <opencv2/core.hpp>

namespace denoscope {

// (n,C,H,W) in rows of ten, or as many as fit; clipped to [0,1].
cv::Mat ContactSheet(const torch::Tensor& images);

}  // namespace denoscope
