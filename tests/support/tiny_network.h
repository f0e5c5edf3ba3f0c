// Small networks with known random weights.
#pragma once

#include <torch/torch.h>

#include <memory>

#include "denoscope/denoise/model_folder.h"

namespace denoscope {

inline ModelDescription TinyDescription(const std::string& preset,
                                        std::int64_t channels = 1,
                                        std::int64_t levels = 2) {
  ModelDescription d = ModelPreset(preset);
  d.unet.channels = channels;
  d.unet.width = 4;
  d.unet.levels = levels;
  d.trained_sigmas = {0.02, 2};
  return d;
}

// Biases are drawn too: zeros, as training starts with, would hide that they are used.
inline Unet TinyUnet(const UnetOptions& options, std::uint64_t seed = 5) {
  torch::manual_seed(seed);
  Unet network(options);
  torch::NoGradGuard no_gradient;
  for (auto& item : network->named_parameters())
    if (item.value().dim() == 1) item.value().normal_(0, 0.2);
  for (torch::Tensor& p : network->parameters()) p.requires_grad_(false);
  return network;
}

inline std::unique_ptr<NetworkDenoiser> TinyDenoiser(const ModelDescription& d,
                                                     std::uint64_t seed = 5) {
  return std::make_unique<NetworkDenoiser>(
      "tiny", TinyUnet(d.unet, seed), d.parameterisation, d.trained_sigmas);
}

}  // namespace denoscope
