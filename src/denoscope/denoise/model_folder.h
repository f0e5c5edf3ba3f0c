// A model on disk: a folder with model.json (architecture, options, how to read the output, how it
// was trained), weights.safetensors (float32, keyed by layer name) and README.md (its card).
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "denoscope/denoise/network_denoiser.h"
#include "denoscope/files/json.h"
#include "denoscope/files/safetensors.h"

namespace denoscope {

struct ModelDescription {
  UnetOptions unet;
  Parameterisation parameterisation;
  SigmaRange trained_sigmas;
  Json training;  // data set, hash, steps, seed, command: for people, not read by the program
};

// Named starting points for training. conditioned: biases, sigma map, EDM preconditioning, the
// closest to the optimum that knows sigma. blind: no biases, no sigma, residual output, D = J y.
ModelDescription ModelPreset(const std::string& name);

// Parameters by name, and back. Loading throws one Error that lists missing, extra and mis-shaped
// tensors, naming the `source`; nothing is changed then.
std::map<std::string, Array> NetworkWeights(const torch::nn::Module& network);
void LoadNetworkWeights(torch::nn::Module& network,
                        const std::map<std::string, Array>& weights,
                        const std::string& source);

void SaveModel(const std::filesystem::path& folder,
               const ModelDescription& description,
               const std::map<std::string, Array>& weights);

struct LoadedModel {
  ModelDescription description;
  std::unique_ptr<NetworkDenoiser> denoiser;
  std::string sha256;  // of weights.safetensors
  std::int64_t parameters = 0;
};
LoadedModel LoadModel(const std::filesystem::path& folder);

}  // namespace denoscope
