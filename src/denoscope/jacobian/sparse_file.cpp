#include "denoscope/jacobian/sparse_file.h"

#include <cstdint>
#include <vector>

#include "denoscope/arrays/npy.h"

namespace denoscope {

void WriteSparse(const std::filesystem::path& path, const SparseJacobian& J) {
  const auto nonzeros = static_cast<std::size_t>(J.nonZeros());
  const std::vector<float> data(J.valuePtr(), J.valuePtr() + nonzeros);
  const std::vector<std::int64_t> columns(J.innerIndexPtr(), J.innerIndexPtr() + nonzeros);
  const std::vector<std::int64_t> rows(J.outerIndexPtr(), J.outerIndexPtr() + J.rows() + 1);
  const auto count = static_cast<std::int64_t>(nonzeros);
  WriteNpz(path,
           {{"shape", Array::From<std::int64_t>({2}, {J.rows(), J.cols()})},
            {"data", Array::From<float>({count}, data)},
            {"indices", Array::From<std::int64_t>({count}, columns)},
            {"indptr", Array::From<std::int64_t>({J.rows() + 1}, rows)}});
}

}  // namespace denoscope
