#include "tools/model_argument.h"

#include "denoscope/base/error.h"
#include "tools/linear_model.h"
#include "tools/number_list.h"

namespace denoscope {

void AddModelFlags(CLI::App& command, ModelArguments& a) {
  command
      .add_option("--model",
                  a.model,
                  "model folder, TorchScript file, weights file (safetensors or a PyTorch "
                  "checkpoint), or, fitted to the training split of --data: " +
                      LinearModelNames())
      ->required();
  command.add_option("--arch",
                     a.architecture,
                     fmt::format("architecture of a weights file: {}; default: the one that fits",
                                 fmt::join(PublishedArchitectureNames(), ", ")));
  command.add_option(
      "--weights-key", a.weights_key, "place of the weights in a checkpoint, as in ema or model.0");
  command
      .add_option("--prediction",
                  a.prediction,
                  "what the network of a file estimates: x0 (the clean image) or residual (the "
                  "noise); default: as published, x0 for TorchScript")
      ->check(CLI::IsMember({"x0", "residual"}));
}

LoadedModel OpenNetwork(const ModelArguments& a) {
  if (a.Linear())
    throw UsageError("--model: expected a network, found the linear denoiser '{}'", a.model);
  if (std::filesystem::is_regular_file(a.model)) {
    FileReading reading{a.architecture, a.weights_key, std::nullopt};
    if (!a.prediction.empty()) reading.prediction = PredictionFromName(a.prediction);
    return LoadModelFile(a.model, reading);
  }
  if (!a.architecture.empty() || !a.weights_key.empty() || !a.prediction.empty())
    throw UsageError(
        "--arch, --weights-key, --prediction: for a file, but '{}' is {}",
        a.model,
        std::filesystem::exists(a.model) ? "a model folder, which says it itself" : "not there");
  return LoadModel(a.model);
}

OpenedModel OpenModel(const ModelArguments& a, const TrainingReference& reference) {
  if (a.Linear()) return OpenLinearModel(a.model, reference);
  LoadedModel model = OpenNetwork(a);
  Json identity = {{"name", model.denoiser->Traits().name},
                   {"sha256", model.sha256},
                   {"parameters", model.parameters},
                   {"architecture", model.description.architecture},
                   {"prediction", PredictionName(model.description.parameterisation.prediction)}};
  return {std::move(model.denoiser), std::move(identity)};
}

std::vector<double> ReadSigmas(const std::string& list, double scale, const std::string& flag) {
  if (!(scale > 0)) throw UsageError("--sigma-scale: expected a positive number, found {}", scale);
  if (list == "auto") return {};
  std::vector<double> sigmas = ParseNumbers(list);
  for (double& sigma : sigmas) {
    if (!(sigma > 0))
      throw UsageError("{}: sigma must be a positive number, found {}", flag, sigma);
    sigma /= scale;
  }
  return sigmas;
}

}  // namespace denoscope
