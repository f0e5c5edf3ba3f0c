// The IDX format of MNIST and its relatives: a magic number, big-endian sizes, bytes.
// Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
#pragma once

#include <filesystem>
#include <string_view>

#include "denoscope/arrays/array.h"

namespace denoscope {

// Element type uint8 only, 1 to 4 dimensions; plain or gzip. Throws, naming the file, on any other
// magic number and when the size does not fit the header.
Array ReadIdx(const std::filesystem::path& path);
Array ParseIdx(std::string_view content, std::string_view name);

}  // namespace denoscope
