// A Jacobian whose rows are computed in blocks, each block by itself: into memory or into a mapped
// file, and a block that is finished stays finished when the work is interrupted.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace denoscope {

class RowBlocks {
 public:
  virtual ~RowBlocks() = default;
  virtual std::int64_t Rows() const = 0;
  virtual std::int64_t Cols() const = 0;
  virtual at::TensorOptions Options() const = 0;  // of the element type

  virtual std::int64_t Count() const = 0;  // of blocks, >= 1
  virtual std::vector<std::int64_t> RowsOf(std::int64_t block) const = 0;
  // Writes these rows, whole, into J (Rows, Cols), contiguous, and no others.
  virtual void Compute(std::int64_t block, const at::Tensor& J) = 0;

  // Multiplications and additions done so far, in 1e9; 0: not counted.
  virtual double Gflop() const { return 0; }
};

// All rows, in memory. Throws Interrupted between blocks when cancelled.
at::Tensor AllRows(RowBlocks& blocks);

// Rows block * size, .., cut at `rows`.
std::vector<std::int64_t> EvenRows(std::int64_t rows, std::int64_t size, std::int64_t block);

}  // namespace denoscope
