// A sparse Jacobian as a file: the members of scipy.sparse.csr_matrix((data, indices, indptr),
// shape).
#pragma once

#include <filesystem>

#include "denoscope/jacobian/coloured_jacobian.h"

namespace denoscope {

void WriteSparse(const std::filesystem::path& path, const SparseJacobian& J);

}  // namespace denoscope
