// --model and what goes with it: a model folder, a TorchScript file, a weights file, or a linear
// denoiser fitted to the training split of --data.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "denoscope/denoise/model_folder.h"
#include "tools/data_argument.h"

namespace denoscope {

struct ModelArguments {
  std::string model, architecture, weights_key;
  std::string prediction, sigma_input, schedule, value_range;  // how a file is read
  std::optional<double> data_rms, sigma_input_scale;
  bool clamp_input = false;

  bool Linear() const { return model.rfind("linear:", 0) == 0; }
};

// Adds --model and what says how to read it.
void AddModelFlags(CLI::App& command, ModelArguments& arguments);

struct OpenedModel {
  std::unique_ptr<Denoiser> denoiser;
  Json identity;  // name, sha256, parameters, ..: for the record
};
OpenedModel OpenModel(const ModelArguments& arguments, const TrainingReference& reference);

// How many images a network was trained on, the first of the training split, as far as its record
// and the set named there say; 0: unknown.
std::int64_t ImagesTrainedOn(const Json& training, const TrainingReference& reference);

// A network, from wherever it comes; throws for a linear denoiser.
LoadedModel OpenNetwork(const ModelArguments& arguments);

// Noise levels from `flag`, each divided by --sigma-scale. "auto" gives an empty list.
std::vector<double> ReadSigmas(const std::string& list,
                               double scale,
                               const std::string& flag = "--sigmas");

}  // namespace denoscope
