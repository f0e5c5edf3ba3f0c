#include "denoscope/jacobian/row_blocks.h"

#include <algorithm>
#include <numeric>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"

namespace denoscope {

at::Tensor AllRows(RowBlocks& blocks) {
  const at::Tensor J = at::empty({blocks.Rows(), blocks.Cols()}, blocks.Options());
  for (std::int64_t i = 0; i < blocks.Count(); ++i) {
    StopIfCancelled("jacobian");
    blocks.Compute(i, J);
  }
  return J;
}

std::vector<std::int64_t> EvenRows(std::int64_t rows, std::int64_t size, std::int64_t block) {
  const std::int64_t begin = block * size;
  std::vector<std::int64_t> all(static_cast<std::size_t>(std::min(size, rows - begin)));
  std::iota(all.begin(), all.end(), begin);
  return all;
}

}  // namespace denoscope
