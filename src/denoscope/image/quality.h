// How far an estimate is from the clean image, on the [0,1] pixel scale.
#pragma once

#include <torch/types.h>

namespace denoscope {

torch::Tensor SquaredErrors(const torch::Tensor& estimate,
                            const torch::Tensor& clean);  // (B,C,H,W) twice -> (B), per pixel
double Mse(const torch::Tensor& estimate, const torch::Tensor& clean);  // mean over all entries
double PsnrDb(double mse);                                              // peak 1; inf at mse 0

}  // namespace denoscope
