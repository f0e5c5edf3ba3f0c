// The whole Jacobian as an NPY file, filled block by block through a memory map: d = 12288 needs
// little memory beyond the file, and an interruption loses one block.
#pragma once

#include <filesystem>
#include <string>

#include "denoscope/base/progress.h"
#include "denoscope/files/mapped_npy.h"
#include "denoscope/jacobian/dense_jacobian.h"

namespace denoscope {

struct JacobianSummary {
  double trace = 0;
  double asymmetry = 0;  // |J - J^T|_F / |J|_F, 0 to 2
};

// `job` says in one line what J depends on (mapped_npy.h). Throws Interrupted, with the blocks that
// are finished kept, when cancelled.
JacobianSummary WriteJacobian(RowBlocks& rows,
                              const std::filesystem::path& path,
                              const std::string& job,
                              bool force,
                              const ProgressSink& progress);

// Of a square J, tile by tile, sums in float64.
JacobianSummary Summarise(const at::Tensor& J);

}  // namespace denoscope
