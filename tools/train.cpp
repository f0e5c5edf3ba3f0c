// denoscope train: a denoiser from clean images, with its card.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>

#include "denoscope/data/synthetic_images.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/ranks/meeting.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/report/training/training_figure.h"
#include "denoscope/training/trainer.h"
#include "tools/command.h"
#include "tools/data_argument.h"
#include "tools/error_table.h"
#include "tools/number_list.h"
#include "tools/version.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string data = "fashion-mnist", architecture = "conditioned", out, sigma_range, prediction;
  std::string noise = "log-uniform", weighting = "edm", optimizer = "adam";
  std::string size = "small", features;
  std::int64_t blocks = 0;
  bool fresh = false;
  TrainOptions options;
};

// Images by number of the stream behind a synthetic set.
FreshImages FreshFor(const Arguments& a) {
  if (!a.fresh) return {};
  const auto images = std::make_shared<const SyntheticImages>(ParseDataSpec(a.data));
  return
      [images](std::int64_t begin, std::int64_t end) { return images->Draw("train", begin, end); };
}

void RemoveModel(const fs::path& folder) {
  for (const char* part : {"model.json",
                           "weights.safetensors",
                           "README.md",
                           "metrics.jsonl",
                           "checkpoint.safetensors"})
    fs::remove(folder / part);
  fs::remove_all(folder / "figures");
}

std::string TestTable(const LoadedModel& model, const std::string& data, const SharedFlags& flags) {
  EvaluationOptions options;
  options.seed = flags.seed;
  options.images = 10000;
  std::vector<double> sigmas;
  const SigmaRange range = *model.description.trained_sigmas;
  std::copy_if(ReferenceSigmas().begin(),
               ReferenceSigmas().end(),
               std::back_inserter(sigmas),
               [&](double sigma) { return sigma >= range.low && sigma <= range.high; });
  try {
    const ImageSet images = LoadImageSet(data, "test", ProgressLine(flags));
    const TrainingReference reference = LoadTrainingReference(data, ProgressLine(flags));
    const ErrorReport report = {
        EvaluateAll(*model.denoiser, reference, images, sigmas, 0, options, ProgressLine(flags)),
        ExactColumn(reference, images, sigmas, options, ProgressLine(flags)),
        {}};
    return fmt::format(
        "Mean squared error per pixel on {} test images, never seen in training, ± one standard "
        "error;\n"
        "Wiener is fitted to all images of the training split{}.\n\n{}",
        std::min(options.images, images.Count()),
        reference.truth ? ", exact knows the distribution" : "",
        ErrorTable(report));
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& e) {
    return fmt::format("No test error was measured: {}.\n", e.what());
  }
}

void WriteCard(const fs::path& folder,
               const LoadedModel& model,
               const Arguments& a,
               const SharedFlags& flags) {
  const ModelDescription& d = model.description;
  const bool homogeneous = model.denoiser->Traits().homogeneous;
  const int ranks = Ranks::OfThisJob().Count();
  const std::string card = fmt::format(
      R"(# {name}

A denoiser of {parameters} parameters, trained by `denoscope train` on the training split of
{data} ({rms:.3f} root mean square, pixels on [0,1]).

- network: {network}
- output read as: {prediction}{homogeneous}
- noise: {noise} over sigma {low:.3g} to {high:.4g}, pixels on [0,1]; loss weighted: {weighting}
- training: {steps} steps of {batch} images{fresh}{flips}, {optimizer}, highest rate {rate:g} after
  {warmup} steps of warm-up, cosine to 0, weight decay {decay:g}, gradients clipped at norm {clip:g}, weights
  averaged with decay {ema:g}; {trained} trained on, the last {held} of the split held out for validation;
  the weights are those of step {best}, {chosen}; seed {seed}
- made with LibTorch {torch}, {ranks}{threads} threads; the same on another machine gives slightly other weights

Command:

    {command}

{table})",
      fmt::arg("name", folder.filename().string()),
      fmt::arg("parameters", model.parameters),
      fmt::arg("data", a.data),
      fmt::arg("rms", d.parameterisation.data_rms),
      fmt::arg("network", d.Text()),
      fmt::arg("prediction", NameOf(d.parameterisation.prediction)),
      fmt::arg("homogeneous", homogeneous ? "; homogeneous, D(y) = J(y) y exactly" : ""),
      fmt::arg("low", d.trained_sigmas->low),
      fmt::arg("high", d.trained_sigmas->high),
      fmt::arg("noise", a.noise),
      fmt::arg("weighting", a.weighting),
      fmt::arg("optimizer", a.optimizer),
      fmt::arg("decay", a.options.optimizer.weight_decay),
      fmt::arg("fresh", a.fresh ? ", each drawn anew" : ""),
      fmt::arg("flips", a.options.flips ? ", half of them mirrored" : ""),
      fmt::arg("steps", d.training.value("steps_done", a.options.steps)),
      fmt::arg("best", d.training.value("best_step", a.options.steps)),
      fmt::arg("batch", a.options.batch),
      fmt::arg("rate", a.options.optimizer.learning_rate),
      fmt::arg("warmup", a.options.warmup),
      fmt::arg("clip", a.options.clip_norm),
      fmt::arg("ema", a.options.ema_decay),
      fmt::arg("trained",
               a.options.training_images > 0
                   ? fmt::format("the first {} images", a.options.training_images)
                   : "all images but the held-out"),
      fmt::arg("held", a.options.validation_images),
      fmt::arg("chosen", a.options.keep_last ? "the last" : "the best by validation"),
      fmt::arg("seed", flags.seed),
      fmt::arg("torch", LibraryVersions()[1].second),
      fmt::arg("ranks", ranks > 1 ? fmt::format("{} ranks of ", ranks) : ""),
      fmt::arg("threads", at::get_num_threads()),
      fmt::arg("command", flags.command_line),
      fmt::arg("table", TestTable(model, a.data, flags)));
  WriteFile(folder / "README.md", card);
}

std::string KindsText() {
  std::string text;
  for (const ModelKind& kind : ModelKinds())
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", kind.name, kind.what);
  return text;
}

ModelDescription Describe(const Arguments& a) {
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

TrainOptions Options(const Arguments& a, const SharedFlags& flags) {
  TrainOptions options = a.options;
  options.seed = flags.seed;
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

// Whether there is a model to train: one without its card was interrupted in its last step, and the
// card alone is made. Rank 0 looks, for all.
bool IsToTrain(const fs::path& folder, bool force) {
  Ranks& ranks = Ranks::OfThisJob();
  bool trains = true;
  Meeting(ranks).Step([&] {
    if (!ranks.IsFirst()) return;
    if (force) RemoveModel(folder);
    trains = !fs::exists(folder / "model.json") || fs::exists(folder / "README.md");
  });
  return !ranks.Gather(trains ? "yes" : "")[0].empty();
}

void Run(const Arguments& a, const SharedFlags& flags) {
  Ranks& ranks = Ranks::OfThisJob();
  const fs::path folder = a.out;
  const ModelDescription description = Describe(a);
  const TrainOptions options = Options(a, flags);
  const FreshImages fresh = FreshFor(a);
  const ImageSet images = LoadImageSet(a.data, "train", ProgressLine(flags));
  ranks.Check("");  // a rank that failed so far says so
  Json json = {{"model", a.out}};
  if (IsToTrain(folder, flags.force)) {
    const TrainReport report =
        Train(description, images, options, folder, ProgressLine(flags), fresh);
    json["images"] = report.images;
    json["images_per_second"] = report.images_per_second;
    json["waiting_share"] = report.waiting_share;
    if (ranks.Count() > 1) json["summing_share"] = report.summing_share;
  }
  ranks.Disband();
  if (!ranks.IsFirst()) return;
  WriteCard(folder, LoadModel(folder), a, flags);
  TrainingFigure(folder);
  if (flags.json)
    fmt::print("{}\n", json.dump(2));
  else
    fmt::print("{}", ReadFile(folder / "README.md"));
}

}  // namespace

void AddTrainCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand("train", "train a denoiser on clean images");
  auto a = std::make_shared<Arguments>();
  TrainOptions& o = a->options;
  command->add_option("--data", a->data, "data set by name or path, its train split")
      ->capture_default_str();
  command->add_option("--arch", a->architecture, "kind of network: " + KindsText())
      ->capture_default_str();
  command->add_option("--size", a->size, fmt::format("of it: {}", fmt::join(ModelSizes(), ", ")))
      ->capture_default_str();
  command->add_option("--out", a->out, "model folder to write or resume")->required();
  command->add_option(
      "--features",
      a->features,
      "of a UNet: channels by level, each at half the size; default: as --size says");
  command->add_option("--blocks", a->blocks, "of a UNet: residual blocks a level and direction");
  command->add_option("--steps", o.steps, "optimizer steps")->capture_default_str();
  command->add_option("--batch", o.batch, "images a step")->capture_default_str();
  command->add_option("--learning-rate", o.optimizer.learning_rate, "highest rate of the optimizer")
      ->capture_default_str();
  command->add_option("--optimizer", a->optimizer, "adam or adamw")
      ->check(CLI::IsMember({"adam", "adamw"}))
      ->capture_default_str();
  command->add_option("--weight-decay", o.optimizer.weight_decay, "of the optimizer")
      ->capture_default_str();
  command
      ->add_option("--prediction",
                   a->prediction,
                   "what the network estimates: x0 (the clean image), residual (the noise) or edm; "
                   "default: as --arch says")
      ->check(CLI::IsMember({"x0", "residual", "edm"}));
  command->add_option(
      "--sigma-range", a->sigma_range, "low,high of the noise; default 0.02,3 sqrt(lambda_0)");
  command->add_option("--noise", a->noise, "law of the noise level in the range")
      ->check(CLI::IsMember({"log-uniform", "uniform", "log-normal"}))
      ->capture_default_str();
  command->add_option("--log-mean", o.objective.log_mean, "of log-normal noise: mean of ln sigma")
      ->capture_default_str();
  command
      ->add_option("--log-deviation",
                   o.objective.log_deviation,
                   "of log-normal noise: deviation of ln sigma")
      ->capture_default_str();
  command
      ->add_option(
          "--weighting",
          a->weighting,
          "of the loss: edm, the same relative accuracy at every level, or plain, the error "
          "as it is")
      ->check(CLI::IsMember({"edm", "plain"}))
      ->capture_default_str();
  command->add_flag("--fresh", a->fresh, "of a synthetic set: draws every image anew");
  command->add_flag("--flips", o.flips, "mirrors half of the images left to right");
  command->add_option("--train-images", o.training_images, "the first of the split; 0: all")
      ->capture_default_str();
  command->add_flag("--keep-last", o.keep_last, "the model is the last average, not the best");
  command->add_option("--validation-images", o.validation_images, "held out of the train split")
      ->capture_default_str();
  command
      ->add_option(
          "--validate-every", o.validate_every, "steps between validations and checkpoints")
      ->capture_default_str();
  command
      ->add_option("--patience",
                   o.patience,
                   "stops after so many validations without a better one; 0: never")
      ->capture_default_str();
  AddSharedFlags(*command, flags);
  AddForceFlag(*command, flags);
  command->callback([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
