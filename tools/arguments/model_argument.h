// --model and what goes with it: a model folder, a TorchScript file, a weights file, or a linear
// denoiser fitted to the training split of --data.
#pragma once

#include <optional>
#include <string>

#include "denoscope/models/opened_model.h"
#include "tools/arguments/command.h"

namespace denoscope {

struct ModelArguments {
  std::string model, architecture, weights_key;
  std::string prediction, sigma_input, schedule, value_range;  // how a file is read
  std::optional<double> data_rms, sigma_input_scale;
  bool clamp_input = false;

  bool Linear() const { return model.rfind("linear:", 0) == 0; }
};

// Adds --model, which is returned, and what says how to read it.
Flag AddModelFlags(Command command, ModelArguments& arguments);

// Whichever it is. The reference is that of --data.
OpenedModel OpenModel(const ModelArguments& arguments, const TrainingReference& reference);

// A network, from wherever it comes; throws for a linear denoiser.
LoadedModel OpenNetwork(const ModelArguments& arguments);

}  // namespace denoscope
