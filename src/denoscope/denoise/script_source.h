// A denoiser written out as a TorchScript method.
#pragma once

#include <string>

#include "denoscope/denoise/network_denoiser.h"

namespace denoscope {

// forward(self, y) or forward(self, y, sigma), giving D. A table's weights are attributes of self,
// nested by the dots of their names; any other network is the submodule `network`.
std::string DenoiserSource(const NetworkDenoiser& denoiser);

}  // namespace denoscope
