// A model on disk. A folder with model.json (architecture, options, how to read the output, how it
// was made), weights.safetensors (float32, keyed by layer name; network.pt for TorchScript) and
// README.md (its card); or a single file that somebody else wrote.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "denoscope/denoise/model_description.h"
#include "denoscope/denoise/network_denoiser.h"
#include "denoscope/denoise/table_network.h"

namespace denoscope {

struct LoadedModel {
  ModelDescription description;
  std::unique_ptr<NetworkDenoiser> denoiser;
  std::string sha256;       // of the weights' file
  std::string weights_key;  // their place in a checkpoint that has places, given or found
  std::int64_t parameters = 0;
  std::vector<std::string> notes;  // what a reader of somebody's checkpoint should know
};

LoadedModel LoadModel(const std::filesystem::path& folder);

// How to read a file that does not say it itself; what is left out has a default.
struct FileReading {
  std::string architecture;  // empty: torchscript by content, else the one whose tensors fit
  std::string weights_key;   // place of the weights in a checkpoint
  std::optional<Prediction> prediction;
  std::optional<SigmaInput> sigma_input = {};  // TorchScript's by default: as it takes
  std::optional<NoiseSchedule> schedule = {};
  std::optional<ValueRange> range = {};
  std::optional<double> data_rms = {}, sigma_scale = {};
  std::optional<bool> clamp_input = {};

  void Apply(Parameterisation& parameterisation) const;  // what is given
};
// A TorchScript file; safetensors, a PyTorch checkpoint or a tensor archive of a published
// architecture; or what ExportSafetensors wrote.
LoadedModel LoadModelFile(const std::filesystem::path& path, const FileReading& reading);

void SaveModel(const std::filesystem::path& folder,
               const ModelDescription& description,
               const Network& network);

// One file that LoadModelFile reads: the weights, and the description as metadata.
void ExportSafetensors(const LoadedModel& model, const std::filesystem::path& path);

}  // namespace denoscope
