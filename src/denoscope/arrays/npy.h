// NumPy's NPY (format 1.0 to 3.0 read, 1.0 written) and NPZ files. Row-major only is written;
// Fortran order is read and turned. Big-endian files and object arrays are refused by name,
// and so are, when written, the element types that NumPy lacks: bfloat16 and the 8-bit floats.
// Source: numpy.lib.format.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "denoscope/arrays/array.h"

namespace denoscope {

Array ReadNpy(const std::filesystem::path& path);
void WriteNpy(const std::filesystem::path& path, const Array& array);
Array ParseNpy(std::string_view content, std::string_view name);
std::string NpyHeader(const Array& array);

// Member name (without ".npy") to array. Written uncompressed with fixed time stamps in the order
// of the map, so that equal arrays give equal bytes; read compressed or not.
using Npz = std::map<std::string, Array>;
Npz ReadNpz(const std::filesystem::path& path);
void WriteNpz(const std::filesystem::path& path, const Npz& arrays);

}  // namespace denoscope
