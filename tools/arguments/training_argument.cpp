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

void AddNetworkFlags(Command command, TrainingArguments& a) {
  command.Add("--data", a.data, "data set by name or path, its train split").ShowDefault();
  command.Add("--arch", a.architecture, "kind of network: " + KindsText()).ShowDefault();
  command.Add("--size", a.size, fmt::format("of it: {}", fmt::join(ModelSizes(), ", ")))
      .ShowDefault();
  command.Add("--out", a.out, "model folder to write or resume").Required();
  command.Add("--features",
              a.features,
              "of a UNet: channels by level, each at half the size; default: as --size says");
  command.Add("--blocks", a.blocks, "of a UNet: residual blocks a level and direction");
}

void AddStepFlags(Command command, TrainingArguments& a) {
  TrainOptions& o = a.options;
  command.Add("--steps", o.steps, "optimizer steps").ShowDefault();
  command.Add("--batch", o.batch, "images a step").ShowDefault();
  command.Add("--learning-rate", o.optimizer.learning_rate, "highest rate of the optimizer")
      .ShowDefault();
  command.Add("--optimizer", a.optimizer, "adam or adamw").OneOf({"adam", "adamw"}).ShowDefault();
  command.Add("--weight-decay", o.optimizer.weight_decay, "of the optimizer").ShowDefault();
  command
      .Add("--prediction",
           a.prediction,
           "what the network estimates: x0 (the clean image), residual (the noise) or edm; "
           "default: as --arch says")
      .OneOf({"x0", "residual", "edm"});
  command.Add(
      "--sigma-range", a.sigma_range, "low,high of the noise; default 0.02,3 sqrt(lambda_0)");
}

void AddNoiseFlags(Command command, TrainingArguments& a) {
  TrainOptions& o = a.options;
  command.Add("--noise", a.noise, "law of the noise level in the range")
      .OneOf({"log-uniform", "uniform", "log-normal"})
      .ShowDefault();
  command.Add("--log-mean", o.objective.log_mean, "of log-normal noise: mean of ln sigma")
      .ShowDefault();
  command
      .Add("--log-deviation",
           o.objective.log_deviation,
           "of log-normal noise: deviation of ln sigma")
      .ShowDefault();
  command
      .Add("--weighting",
           a.weighting,
           "of the loss: edm, the same relative accuracy at every level, or plain, the error "
           "as it is")
      .OneOf({"edm", "plain"})
      .ShowDefault();
}

void AddImageFlags(Command command, TrainingArguments& a) {
  TrainOptions& o = a.options;
  command.Add("--fresh", a.fresh, "of a synthetic set: draws every image anew");
  command.Add("--flips", o.flips, "mirrors half of the images left to right");
  command.Add("--train-images", o.training_images, "the first of the split; 0: all").ShowDefault();
  command.Add("--keep-last", o.keep_last, "the model is the last average, not the best");
  command.Add("--validation-images", o.validation_images, "held out of the train split")
      .ShowDefault();
  command.Add("--validate-every", o.validate_every, "steps between validations and checkpoints")
      .ShowDefault();
  command
      .Add("--patience",
           o.patience,
           "stops after so many validations without a better one; 0: never")
      .ShowDefault();
}

}  // namespace

void AddTrainingFlags(Command command, TrainingArguments& a) {
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
