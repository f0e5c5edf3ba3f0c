#include "denoscope/models/training_card.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/models/error_report.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/training/validation.h"

namespace denoscope {
namespace {

std::string TestTable(const LoadedModel& model,
                      const TrainingStory& story,
                      const ProgressSink& progress) {
  ErrorOptions options;
  options.exact = true;
  options.evaluation.seed = story.options.seed;
  options.evaluation.images = 10000;
  options.sigmas = ReferenceSigmasWithin(*model.description.trained_sigmas);
  try {
    const ImageSet images = LoadImageSet(story.data, "test", progress);
    const TrainingReference reference = LoadTrainingReference(story.data, progress);
    const ErrorReport report = MeasureErrors(*model.denoiser, reference, images, options, progress);
    return fmt::format(
        "Mean squared error per pixel on {} test images, never seen in training, ± one standard "
        "error;\n"
        "Wiener is fitted to all images of the training split{}.\n\n{}",
        std::min(options.evaluation.images, images.Count()),
        reference.truth ? ", exact knows the distribution" : "",
        ErrorTable(report));
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& e) {
    return fmt::format("No test error was measured: {}.\n", e.what());
  }
}

}  // namespace

void WriteTrainingCard(const std::filesystem::path& folder,
                       const TrainingStory& story,
                       const ProgressSink& progress) {
  const LoadedModel model = LoadModel(folder);
  const ModelDescription& d = model.description;
  const TrainOptions& o = story.options;
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
      fmt::arg("data", story.data),
      fmt::arg("rms", d.parameterisation.data_rms),
      fmt::arg("network", d.Text()),
      fmt::arg("prediction", NameOf(d.parameterisation.prediction)),
      fmt::arg("homogeneous", homogeneous ? "; homogeneous, D(y) = J(y) y exactly" : ""),
      fmt::arg("low", d.trained_sigmas->low),
      fmt::arg("high", d.trained_sigmas->high),
      fmt::arg("noise", NameOf(o.objective.law)),
      fmt::arg("weighting", NameOf(o.objective.weighting)),
      fmt::arg("optimizer", NameOf(o.optimizer.kind)),
      fmt::arg("decay", o.optimizer.weight_decay),
      fmt::arg("fresh", story.fresh ? ", each drawn anew" : ""),
      fmt::arg("flips", o.flips ? ", half of them mirrored" : ""),
      fmt::arg("steps", d.training.value("steps_done", o.steps)),
      fmt::arg("best", d.training.value("best_step", o.steps)),
      fmt::arg("batch", o.batch),
      fmt::arg("rate", o.optimizer.learning_rate),
      fmt::arg("warmup", o.warmup),
      fmt::arg("clip", o.clip_norm),
      fmt::arg("ema", o.ema_decay),
      fmt::arg("trained",
               o.training_images > 0 ? fmt::format("the first {} images", o.training_images)
                                     : "all images but the held-out"),
      fmt::arg("held", o.validation_images),
      fmt::arg("chosen", o.keep_last ? "the last" : "the best by validation"),
      fmt::arg("seed", o.seed),
      fmt::arg("torch", TORCH_VERSION),
      fmt::arg("ranks", ranks > 1 ? fmt::format("{} ranks of ", ranks) : ""),
      fmt::arg("threads", at::get_num_threads()),
      fmt::arg("command", story.command),
      fmt::arg("table", TestTable(model, story, progress)));
  WriteFile(folder / "README.md", card);
}

}  // namespace denoscope
