// An NPY file read where it lies: its data come from the disk as they are touched, and may be
// larger than memory.
#pragma once

#include <filesystem>
#include <memory>

#include "denoscope/arrays/array.h"

namespace denoscope {

struct MappedArray {
  ElementType type = ElementType::kFloat32;
  Shape shape;
  std::shared_ptr<const void> data;  // read-only; holds the map
};

// Throws on what is no NPY file of the size that its header says, in Fortran order, or with data
// that its elements could not be read from in place. The file must not change while it is mapped.
MappedArray MapNpy(const std::filesystem::path& path);

}  // namespace denoscope
