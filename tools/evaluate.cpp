// denoscope evaluate: mean squared error by noise level, beside the noise itself and Wiener's.
#include <fmt/format.h>

#include "denoscope/files/csv.h"
#include "denoscope/measure/evaluation.h"
#include "denoscope/theory/optimal/wiener.h"
#include "denoscope/training/trainer.h"
#include "tools/command.h"
#include "tools/error_table.h"
#include "tools/linear_model.h"
#include "tools/model_argument.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  DataArguments data;
  std::string sigmas = "reference", per_mode;
  double sigma_scale = 1;
  std::int64_t modes = 300;
  bool empirical = false, train = false, calibration = false;
  EvaluationOptions options;
};

// The exact optimum where it is known and what else is asked for, on the same images and noise.
std::vector<ErrorColumn> OtherColumns(const Arguments& a,
                                      const Denoiser& model,
                                      const TrainingReference& reference,
                                      const ImageSet& images,
                                      const std::vector<double>& sigmas,
                                      const EvaluationOptions& options,
                                      const ProgressSink& progress) {
  std::vector<ErrorColumn> columns = ExactColumn(reference, images, sigmas, options, progress);
  const auto add = [&](const char* name, const Denoiser& denoiser, const ImageSet& on) {
    columns.push_back({name, EvaluateAll(denoiser, {}, on, sigmas, 0, options, progress)});
  };
  if (a.empirical)
    add("empirical", *OpenLinearModel("linear:empirical", reference).denoiser, images);
  if (!a.train) return columns;
  if (!reference.images) throw Error("--train: needs the training split: {}", reference.reason);
  add("train", model, *reference.images);
  return columns;
}

void WritePerMode(const std::string& path, const ErrorReport& report, const Pca& modes) {
  Table table;
  table.columns = {"sigma", "k", "lambda", "resolved", "resolved_linear", "error", "error_linear"};
  if (!report.calibrations.empty())
    for (const char* name :
         {"gain", "gain_error", "gain_wiener", "calibration", "calibration_error"})
      table.columns.emplace_back(name);
  for (std::size_t s = 0; s < report.evaluations.size(); ++s) {
    const Evaluation& e = report.evaluations[s];
    const Eigen::VectorXd wiener = WienerGains(modes.eigenvalues, e.sigma);
    for (Eigen::Index k = 0; k < e.resolved.size(); ++k) {
      std::vector<double> row = {e.sigma,
                                 static_cast<double>(k),
                                 modes.eigenvalues[k],
                                 e.resolved[k],
                                 e.linear_resolved[k],
                                 e.mode_error[k],
                                 e.linear_mode_error[k]};
      if (!report.calibrations.empty()) {
        const Calibration& c = report.calibrations[s];
        row.insert(row.end(),
                   {c.gains[k], c.gain_errors[k], wiener[k], c.ratios[k], c.ratio_errors[k]});
      }
      AddRow(table, row);
    }
  }
  WriteCsv(path, table);
}

void Run(const Arguments& a, const SharedFlags& flags) {
  const TrainingReference reference = LoadTrainingReference(a.data.data, ProgressLine(flags));
  const OpenedModel model = OpenModel(a.model, reference);
  const ImageSet images = LoadImages(a.data, model.denoiser->Traits(), ProgressLine(flags));
  if (!a.per_mode.empty() && !reference.pca)
    throw Error("--per-mode: needs the training split: {}", reference.reason);
  EvaluationOptions options = a.options;
  options.seed = flags.seed;
  const std::vector<double> sigmas =
      a.sigmas == "reference" ? ReferenceSigmas() : ReadSigmas(a.sigmas, a.sigma_scale);
  Warn(OutsideTraining(model.denoiser->Traits(), sigmas));
  const std::int64_t modes = a.per_mode.empty() ? 0 : a.modes;
  const ProgressSink progress = ProgressLine(flags);
  ErrorReport report;
  report.evaluations =
      EvaluateAll(*model.denoiser, reference, images, sigmas, modes, options, progress);
  report.others = OtherColumns(a, *model.denoiser, reference, images, sigmas, options, progress);
  if (a.calibration)
    report.calibrations =
        CalibrateAll(*model.denoiser, reference, images, sigmas, modes, options, progress);
  if (!a.per_mode.empty()) WritePerMode(a.per_mode, report, *reference.Modes());
  if (flags.json)
    fmt::print("{}\n", ErrorJson(report).dump(2));
  else
    fmt::print("{}", ErrorTable(report));
}

}  // namespace

void AddEvaluateCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand("evaluate",
                                             "mean squared error by noise level, beside Wiener's "
                                             "and, of a Gaussian set, the exact optimum's");
  auto a = std::make_shared<Arguments>();
  AddModelFlags(*command, a->model);
  AddDataFlags(*command, a->data);
  command->add_option("--sigmas", a->sigmas, "noise levels; reference: 0.05 to 5")
      ->capture_default_str();
  command->add_option("--sigma-scale", a->sigma_scale, "divides every sigma given")
      ->capture_default_str();
  command->add_option("--evaluation-images", a->options.images, "the first of the split")
      ->capture_default_str();
  command->add_option("--modes", a->modes, "PCA modes of --per-mode")->capture_default_str();
  command->add_option("--per-mode", a->per_mode, "CSV file of resolved variance by mode to write");
  command->add_flag("--empirical",
                    a->empirical,
                    "beside the optimum on the training images, linear:empirical, which memorises");
  command->add_flag(
      "--train", a->train, "beside the model's error on as many images of the training split");
  command->add_flag("--calibration",
                    a->calibration,
                    "beside what J foretells: sigma^2 tr J over the error made, 1 for an optimum, "
                    "and the distance of J to Wiener's; with --per-mode for each mode");
  AddSharedFlags(*command, flags);
  command->callback([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
