// The whole Jacobian as an NPY file, filled block by block: d = 12288 needs little memory beyond
// the file, and an interruption loses one block. One process fills it through a memory map, the
// ranks of a job each with the blocks that nobody else is at; the file is the same.
#pragma once

#include <functional>
#include <optional>

#include "denoscope/arrays/mapped_npy.h"
#include "denoscope/base/progress.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {

struct JacobianSummary {
  double trace = 0;
  double asymmetry = 0;  // |J - J^T|_F / |J|_F, 0 to 2
};

// Throws Interrupted, with the blocks that are finished kept, when cancelled.
JacobianSummary WriteJacobian(RowBlocks& rows,
                              const NpyTarget& target,
                              const ProgressSink& progress);

// The same by all ranks of the job, which have agreed on what J is. On return the file is whole,
// for rank 0 at least, and the summary known to rank 0. After `opened` ranks wait for each other's
// blocks alone: one that ends in whatever way costs the block that it was at.
std::optional<JacobianSummary> WriteJacobianTogether(RowBlocks& rows,
                                                     const NpyTarget& target,
                                                     const ProgressSink& progress,
                                                     const std::function<void()>& opened);

// Of a square J, tile by tile, sums in float64.
JacobianSummary Summarise(const at::Tensor& J);

}  // namespace denoscope
