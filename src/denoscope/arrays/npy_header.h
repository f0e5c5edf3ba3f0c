// The header of an NPY file: what it holds, and where.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "denoscope/arrays/array.h"

namespace denoscope {

struct NpyLayout {
  ElementType type = ElementType::kFloat32;
  Shape shape;
  bool fortran_order = false;
  std::size_t offset = 0, size = 0;  // bytes: where the data begin, how many they are
};

// Of a whole file's content: throws, naming it, unless the data are exactly as large as the header
// says. The data themselves are not read.
NpyLayout ParseNpyHeader(std::string_view content, std::string_view name);
// Format 1.0, row-major, padded so that data behind it are aligned.
std::string NpyHeader(ElementType type, const Shape& shape);

}  // namespace denoscope
