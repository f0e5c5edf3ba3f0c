// denoscope evaluate: mean squared error by noise level, beside the noise itself and Wiener's.
#include <fmt/format.h>

#include <memory>

#include "denoscope/models/error_report.h"
#include "denoscope/training/validation.h"
#include "tools/arguments/data_argument.h"
#include "tools/arguments/model_argument.h"
#include "tools/arguments/number_list.h"
#include "tools/commands/commands.h"
#include "tools/output/console.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  DataArguments data;
  std::string sigmas = "reference", per_mode;
  double sigma_scale = 1;
  std::int64_t modes = 300;
  ErrorOptions options;
};

void Run(const Arguments& a, const SharedFlags& flags) {
  const TrainingReference reference = LoadTrainingReference(a.data.data, ProgressLine(flags));
  const OpenedModel model = OpenModel(a.model, reference);
  const ImageSet images = LoadImages(a.data, model.denoiser->Traits(), ProgressLine(flags));
  if (!a.per_mode.empty() && !reference.pca)
    throw Error("--per-mode: needs the training split: {}", reference.reason);
  if (a.options.training && !reference.images)
    throw Error("--train: needs the training split: {}", reference.reason);
  ErrorOptions options = a.options;
  options.evaluation.seed = flags.seed;
  options.sigmas =
      a.sigmas == "reference" ? ReferenceSigmas() : ReadSigmas(a.sigmas, a.sigma_scale);
  options.modes = a.per_mode.empty() ? 0 : a.modes;
  options.exact = true;
  Warn(OutsideTraining(model.denoiser->Traits(), options.sigmas));
  const ErrorReport report =
      MeasureErrors(*model.denoiser, reference, images, options, ProgressLine(flags));
  if (!a.per_mode.empty()) WriteCsv(a.per_mode, ModeTable(report, *reference.Modes()));
  if (flags.json)
    fmt::print("{}\n", ErrorJson(report).dump(2));
  else
    fmt::print("{}", ErrorTable(report));
}

}  // namespace

void AddEvaluateCommand(Command program, SharedFlags& flags) {
  Command command = program.AddCommand("evaluate",
                                       "mean squared error by noise level, beside Wiener's "
                                       "and, of a Gaussian set, the exact optimum's");
  auto a = std::make_shared<Arguments>();
  AddModelFlags(command, a->model).Required();
  AddDataFlags(command, a->data);
  command.Add("--sigmas", a->sigmas, "noise levels; reference: 0.05 to 5").ShowDefault();
  command.Add("--sigma-scale", a->sigma_scale, "divides every sigma given").ShowDefault();
  command.Add("--evaluation-images", a->options.evaluation.images, "the first of the split")
      .ShowDefault();
  command.Add("--modes", a->modes, "PCA modes of --per-mode").ShowDefault();
  command.Add("--per-mode", a->per_mode, "CSV file of resolved variance by mode to write");
  command.Add("--empirical",
              a->options.empirical,
              "beside the optimum on the training images, linear:empirical, which memorises");
  command.Add("--train",
              a->options.training,
              "beside the model's error on as many images of the training split");
  command.Add("--calibration",
              a->options.calibration,
              "beside what J foretells: sigma^2 tr J over the error made, 1 for an optimum, "
              "and the distance of J to Wiener's; with --per-mode for each mode");
  AddSharedFlags(command, flags);
  command.OnRun([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
