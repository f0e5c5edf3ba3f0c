// Products with a denoiser's Jacobian by automatic differentiation, for any denoiser and element
// type: J^T u from one retained forward of the replicated image, J v by dual numbers in one
// forward.
#pragma once

#include <torch/types.h>

#include "denoscope/denoise/denoiser.h"

namespace denoscope {

// J(y_i)^T u_i of each image of a batch at its own place; y and u (B,C,H,W). `estimate`, where not
// null, receives D(y). Throws as Pull does.
torch::Tensor PullEach(const Denoiser& denoiser,
                       const torch::Tensor& y,
                       double sigma,
                       const torch::Tensor& u,
                       torch::Tensor* estimate = nullptr);

class AutogradProducts {
 public:
  // y (C,H,W); the denoiser must outlive this.
  AutogradProducts(const Denoiser& denoiser, const torch::Tensor& y, double sigma);

  // (b,C,H,W) to the same. The graph of the last b is kept: a solver asks for the same again and
  // again. Throws when the output does not depend on the image by operations with a derivative.
  torch::Tensor Pull(const torch::Tensor& u) const;  // J^T u
  // Throws, naming the denoiser, where an operation has no forward derivative.
  torch::Tensor Push(const torch::Tensor& v) const;  // J v

 private:
  torch::Tensor Replicated(std::int64_t count) const;

  const Denoiser& denoiser_;
  torch::Tensor y_;
  double sigma_;
  mutable torch::Tensor input_, output_;
};

}  // namespace denoscope
