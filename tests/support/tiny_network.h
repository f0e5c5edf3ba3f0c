// Small networks with known random weights.
#pragma once

#include <torch/utils.h>

#include <memory>

#include "denoscope/denoise/model_folder.h"

namespace denoscope {

inline std::vector<std::int64_t> TinyFeatures(std::int64_t levels) {
  std::vector<std::int64_t> features;
  for (std::int64_t l = 1; l <= levels; ++l) features.push_back(4 * l);
  return features;
}

inline ModelDescription TinyDescription(const std::string& preset,
                                        std::int64_t channels = 1,
                                        std::int64_t levels = 2) {
  ModelDescription d = ModelPreset(preset);
  d.FitTo({channels, 12, 8});
  d.unet.features = TinyFeatures(levels);
  d.dncnn.depth = 4;
  d.dncnn.features = 6;
  d.trained_sigmas = SigmaRange{0.02, 2};
  return d;
}

// Biases, scalings and normalisations are drawn too: the zeros and ones that training starts with
// would hide that they are used.
inline std::shared_ptr<TableNetwork> RandomNetwork(const NetworkTable& table,
                                                   std::uint64_t seed = 5) {
  torch::manual_seed(seed);
  auto network = std::make_shared<TableNetwork>(table);
  torch::NoGradGuard no_gradient;
  for (auto& item : network->named_parameters()) {
    torch::Tensor& p = item.value();
    if (p.dim() == 1) p.normal_(0, 0.2);
    if (p.dim() == 1 && item.key().find(".weight") != std::string::npos) p.add_(1);
    if (p.dim() == 4 && p.size(0) == 1 && p.size(2) == 1) p.uniform_(0.5, 1.5);
    p.requires_grad_(false);
  }
  return network;
}

inline std::shared_ptr<TableNetwork> TinyUnet(const UnetOptions& options, std::uint64_t seed = 5) {
  return RandomNetwork(UnetTable(options), seed);
}

inline std::unique_ptr<NetworkDenoiser> TinyDenoiser(const ModelDescription& d,
                                                     std::uint64_t seed = 5) {
  return std::make_unique<NetworkDenoiser>(
      "tiny", RandomNetwork(d.Table(), seed), d.parameterisation, d.trained_sigmas);
}

}  // namespace denoscope
