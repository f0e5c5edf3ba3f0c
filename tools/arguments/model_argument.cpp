#include "tools/arguments/model_argument.h"

#include "denoscope/base/error.h"
#include "denoscope/models/linear_model.h"
#include "tools/arguments/number_list.h"

namespace denoscope {

Flag AddModelFlags(Command command, ModelArguments& a) {
  const Flag model =
      command.Add("--model",
                  a.model,
                  "model folder, TorchScript file, weights file (safetensors, a PyTorch "
                  "checkpoint or a tza file), or, fitted to the training split of --data: " +
                      LinearModelNames());
  command.Add("--arch",
              a.architecture,
              fmt::format("architecture of a weights file: {}; default: the one that fits",
                          fmt::join(PublishedArchitectureNames(), ", ")));
  command.Add(
      "--weights-key", a.weights_key, "place of the weights in a checkpoint, as in ema or model.0");
  command
      .Add("--prediction",
           a.prediction,
           "what the network of a file estimates: x0 (the clean image), residual (the noise), "
           "eps, v, score or edm; default: as published, x0 for TorchScript")
      .OneOf(NamesOf<Prediction>());
  command
      .Add("--sigma-input",
           a.sigma_input,
           "what it is told of the noise: none, scalar (a second argument), log (ln(sigma)/4 "
           "as that), timestep (of --schedule as that), map (one more channel) or log-map; "
           "default: as published, as it takes for TorchScript")
      .OneOf(NamesOf<SigmaInput>());
  command.Add("--schedule",
              a.schedule,
              "noise of its timesteps: linear, cosine, or a file with one alpha_bar a line");
  command.Add("--value-range", a.value_range, "low:high of its pixels, as in -1:1; default: 0:1");
  command.Add(
      "--data-rms", a.data_rms, "of edm: root mean square of the data in that range; default 0.5");
  command.Add("--sigma-input-scale",
              a.sigma_input_scale,
              "multiplies the noise that it is told, as in 255; default 1");
  command.Add("--clamp-input", a.clamp_input, "clamps its input to the value range");
  return model;
}

namespace {

ValueRange RangeFrom(const std::string& text) {
  const std::size_t colon = text.find(':', 1);
  if (colon != std::string::npos) {
    const std::vector<double> low = ParseNumbers(text.substr(0, colon));
    const std::vector<double> high = ParseNumbers(text.substr(colon + 1));
    if (low.size() == 1 && high.size() == 1) return {low[0], high[0]};
  }
  throw UsageError("--value-range: expected low:high, as in -1:1, found '{}'", text);
}

FileReading ReadingFrom(const ModelArguments& a) {
  FileReading reading;
  reading.architecture = a.architecture;
  reading.weights_key = a.weights_key;
  if (!a.prediction.empty()) reading.prediction = FromName<Prediction>(a.prediction);
  if (!a.sigma_input.empty()) reading.sigma_input = FromName<SigmaInput>(a.sigma_input);
  if (!a.schedule.empty()) reading.schedule = NoiseSchedule::Named(a.schedule);
  if (!a.value_range.empty()) reading.range = RangeFrom(a.value_range);
  reading.data_rms = a.data_rms;
  reading.sigma_scale = a.sigma_input_scale;
  if (a.clamp_input) reading.clamp_input = true;
  return reading;
}

bool SaysHowToRead(const ModelArguments& a) {
  const bool texts = a.architecture.empty() && a.weights_key.empty() && a.prediction.empty() &&
                     a.sigma_input.empty() && a.schedule.empty() && a.value_range.empty();
  return !texts || a.data_rms || a.sigma_input_scale || a.clamp_input;
}

}  // namespace

LoadedModel OpenNetwork(const ModelArguments& a) {
  if (a.Linear())
    throw UsageError("--model: expected a network, found the linear denoiser '{}'", a.model);
  if (std::filesystem::is_regular_file(a.model)) return LoadModelFile(a.model, ReadingFrom(a));
  if (SaysHowToRead(a))
    throw UsageError(
        "--arch, --weights-key, --prediction and the like: for a file, but '{}' is {}",
        a.model,
        std::filesystem::exists(a.model) ? "a model folder, which says it itself" : "not there");
  return LoadModel(a.model);
}

OpenedModel OpenModel(const ModelArguments& a, const TrainingReference& reference) {
  if (!a.Linear()) return Identified(OpenNetwork(a), reference);
  try {
    return OpenLinearModel(a.model, reference);
  } catch (const UsageError& error) {
    throw UsageError("--model: {}", error.what());
  }
}

}  // namespace denoscope
