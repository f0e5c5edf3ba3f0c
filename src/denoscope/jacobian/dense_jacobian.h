// The whole Jacobian J(i,j) = dD_i/dy_j of a denoiser at one image, d = C H W rows and columns.
//
// A network held as a piecewise linear table goes through native_jacobian.h. Any other denoiser:
// rows in blocks from one retained forward; y is replicated `block` times, and each backward with
// as many one-hot cotangents gives as many rows. Cost: one forward of `block` images and d/block
// backwards.
//
// Two twins check it. Columns by dual numbers: as many forwards as there are columns, exact.
// Central differences: 2d forwards and, in float64 with step h away from the kinks of ReLU, an
// error of order h^2 |D'''| + 1e-16 |D| / h.
#pragma once

#include <torch/types.h>

#include <memory>

#include "denoscope/denoise/denoiser.h"
#include "denoscope/jacobian/jacobian_options.h"
#include "denoscope/jacobian/row_blocks.h"

namespace denoscope {

// D and the rows of J by blocks, of the element type of y (C,H,W); the denoiser must outlive them.
// Computing a block throws, naming output and input pixel, when an entry is not finite.
struct DenseBlocks {
  torch::Tensor denoised;  // (C,H,W)
  std::unique_ptr<RowBlocks> rows;
  std::int64_t block = 0;  // rows a product, as asked or chosen
};
DenseBlocks MakeDenseBlocks(const Denoiser& denoiser,
                            const torch::Tensor& y,
                            double sigma,
                            const JacobianOptions& options = {});

struct JacobianAt {
  torch::Tensor denoised;  // D(y, sigma), (C,H,W)
  torch::Tensor J;         // (d,d), row = output pixel, the element type of y
  double gflop = 0;        // multiplications and additions done, in 1e9; 0: not counted (autograd)
};
// All of it in memory. Throws Interrupted between blocks when cancelled.
JacobianAt DenseJacobian(const Denoiser& denoiser,
                         const torch::Tensor& y,
                         double sigma,
                         const JacobianOptions& options = {});

// Column by column by dual numbers, `block` at a time.
torch::Tensor ForwardJacobian(const Denoiser& denoiser,
                              const torch::Tensor& y,
                              double sigma,
                              const JacobianOptions& options = {});

// Central differences, column by column: (D(y + h e_j) - D(y - h e_j)) / 2h, `block` at a time.
torch::Tensor DifferenceJacobian(const Denoiser& denoiser,
                                 const torch::Tensor& y,
                                 double sigma,
                                 double step = 1e-5,
                                 const JacobianOptions& options = {});

}  // namespace denoscope
