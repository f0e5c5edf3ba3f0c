#include "tools/arguments/training_argument.h"

#include "denoscope/base/error.h"
#include "tools/arguments/number_list.h"

namespace denoscope {
namespace {

std::string KindsText() {
  std::string text;
  for (const ModelKind& kind : ModelKinds())
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", kind.name, kind.what);
  return text;
}

void AddNetworkFlags(CLI::App& command, TrainingArguments& a) {
  command.add_option("--data", a.data, "data set by name or path, its train split")
      ->capture_default_str();
  command.add_option("--arch", a.architecture, "kind of network: " + KindsText())
      ->capture_default_str();
  command.add_option("--size", a.size, fmt::format("of it: {}", fmt::join(ModelSizes(), ", ")))
      ->capture_default_str();
  command.add_option("--out", a.out, "model folder to write or resume")->required();
  command.add_option(
      "--features",
      a.features,
      "of a UNet: channels by level, each at half the size; default: as --size says");
  command.add_option("--blocks", a.blocks, "of a UNet: residual blocks a level and direction");
}

void AddStepFlags(CLI::App& command, TrainingArguments& a) {
  TrainOptions& o = a.options;
  command.add_option("--steps", o.steps, "optimizer steps")->capture_default_str();
  command.add_option("--batch", o.batch, "images a step")->capture_default_str();
  command.add_option("--learning-rate", o.optimizer.learning_rate, "highest rate of the optimizer")
      ->capture_default_str();
  command.add_option("--optimizer", a.optimizer, "adam or adamw")
      ->check(CLI::IsMember({"adam", "adamw"}))
      ->capture_default_str();
  command.add_option("--weight-decay", o.optimizer.weight_decay, "of the optimizer")
      ->capture_default_str();
  command
      .add_option("--prediction",
                  a.prediction,
                  "what the network estimates: x0 (the clean image), residual (the noise) or edm; "
                  "default: as --arch says")
      ->check(CLI::IsMember({"x0", "residual", "edm"}));
  command.add_option(
      "--sigma-range", a.sigma_range, "low,high of the noise; default 0.02,3 sqrt(lambda_0)");
}

void AddNoiseFlags(CLI::App& command, TrainingArguments& a) {
  TrainOptions& o = a.options;
  command.add_option("--noise", a.noise, "law of the noise level in the range")
      ->check(CLI::IsMember({"log-uniform", "uniform", "log-normal"}))
      ->capture_default_str();
  command.add_option("--log-mean", o.objective.log_mean, "of log-normal noise: mean of ln sigma")
      ->capture_default_str();
  command
      .add_option("--log-deviation",
                  o.objective.log_deviation,
                  "of log-normal noise: deviation of ln sigma")
      ->capture_default_str();
  command
      .add_option(
          "--weighting",
          a.weighting,
          "of the loss: edm, the same relative accuracy at every level, or plain, the error "
          "as it is")
      ->check(CLI::IsMember({"edm", "plain"}))
      ->capture_default_str();
}

void AddImageFlags(CLI::App& command, TrainingArguments& a) {
  TrainOptions& o = a.options;
  command.add_flag("--fresh", a.fresh, "of a synthetic set: draws every image anew");
  command.add_flag("--flips", o.flips, "mirrors half of the images left to right");
  command.add_option("--train-images", o.training_images, "the first of the split; 0: all")
      ->capture_default_str();
  command.add_flag("--keep-last", o.keep_last, "the model is the last average, not the best");
  command.add_option("--validation-images", o.validation_images, "held out of the train split")
      ->capture_default_str();
  command
      .add_option("--validate-every", o.validate_every, "steps between validations and checkpoints")
      ->capture_default_str();
  command
      .add_option("--patience",
                  o.patience,
                  "stops after so many validations without a better one; 0: never")
      ->capture_default_str();
}

}  // namespace

void AddTrainingFlags(CLI::App& command, TrainingArguments& a) {
  AddNetworkFlags(command, a);
  AddStepFlags(command, a);
  AddNoiseFlags(command, a);
  AddImageFlags(command, a);
}

ModelDescription DescriptionFrom(const TrainingArguments& a) {
  ModelDescription description = ModelPreset(a.architecture, a.size);
  if (!a.prediction.empty())
    description.parameterisation.prediction = FromName<Prediction>(a.prediction);
  const bool unet = description.architecture == "unet";
  if (!unet && !(a.features.empty() && a.blocks == 0))
    throw UsageError("--features, --blocks: of a UNet, but --arch is {}", a.architecture);
  if (!a.features.empty()) description.unet.features = ParseIntegers(a.features);
  if (a.blocks != 0) description.unet.blocks = a.blocks;
  return description;
}

TrainOptions OptionsFrom(const TrainingArguments& a, std::uint64_t seed) {
  TrainOptions options = a.options;
  options.seed = seed;
  options.objective.law = FromName<NoiseLaw>(a.noise);
  options.objective.weighting = FromName<Weighting>(a.weighting);
  options.optimizer.kind = FromName<OptimizerKind>(a.optimizer);
  if (a.sigma_range.empty()) return options;
  const std::vector<double> ends = ParseNumbers(a.sigma_range);
  if (ends.size() != 2)
    throw UsageError("--sigma-range: expected two numbers, low,high, found '{}'", a.sigma_range);
  options.sigmas = {ends[0], ends[1]};
  return options;
}

}  // namespace denoscope
