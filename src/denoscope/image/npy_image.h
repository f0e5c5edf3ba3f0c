// One image from an NPY file, to compute with.
#pragma once

#include <torch/types.h>

#include <string>

namespace denoscope {

// (C,H,W), of `type`. Throws unless the file holds (C,H,W) or (1,C,H,W) of finite float32 or
// float64.
torch::Tensor ReadNpyImage(const std::string& path, torch::ScalarType type);

}  // namespace denoscope
