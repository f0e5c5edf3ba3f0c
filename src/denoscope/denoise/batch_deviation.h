// The standard deviation of a batch that a scaling divides by in training, of each channel over
// images and pixels:
//
//   s = sqrt(var(x) + floor),   ds/dx = (x - mean(x)) / (n s),   n = B*H*W
//
// The batch is that of all ranks of the job (ranks.h), each of which has a part of the images: mean
// and var are of the whole, and as every rank's loss depends on s, the backward pass adds their
// gradients with respect to s before it goes on to x. So every rank calls this, and its backward
// pass, as often as the others and in the same order.
#pragma once

#include <torch/types.h>

namespace denoscope {

torch::Tensor BatchDeviation(const torch::Tensor& x);  // (B,C,H,W) -> (1,C,1,1), differentiable

}  // namespace denoscope
