// The Jacobian of a denoiser at one image as a LinearOperator: products with blocks of vectors, in
// float32, without the matrix. d = C H W; vectors are flattened C,H,W.
//
// A network held as a table goes through its linearisation: one forward a block and product. Any
// other denoiser: J^T u by autograd from one retained forward of the replicated image, J v by dual
// numbers in one forward.
#pragma once

#include <torch/types.h>

#include <memory>

#include "denoscope/denoise/denoiser.h"
#include "denoscope/linalg/linear_operator.h"

namespace denoscope {

// y (C,H,W) float32; the denoiser must outlive the operator. A block beyond 64 columns, or
// of large images, goes in pieces. Products throw Interrupted when cancelled.
std::unique_ptr<LinearOperator> MakeJacobianOperator(const Denoiser& denoiser,
                                                     const torch::Tensor& y,
                                                     double sigma);

}  // namespace denoscope
