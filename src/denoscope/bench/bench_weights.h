// Reading every tensor of a weights file, beside reading the file's bytes into memory.
#pragma once

#include <filesystem>

#include "denoscope/files/json.h"

namespace denoscope {

// file, tensor_bytes, medians of seconds and plain_seconds and of their time_ratio; memory_ratio:
// the peak of memory over tensor_bytes.
Json BenchWeights(const std::filesystem::path& path, int repeats);

}  // namespace denoscope
