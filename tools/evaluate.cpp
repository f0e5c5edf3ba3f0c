// denoscope evaluate: mean squared error by noise level, beside the noise itself and Wiener's.
#include <fmt/format.h>

#include <limits>

#include "denoscope/analysis/evaluation.h"
#include "denoscope/data/synthetic_images.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/files/csv.h"
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
  bool empirical = false, train = false;
  EvaluationOptions options;
};

// The principal components of the distribution itself: Wiener's denoiser on them is the optimum.
std::shared_ptr<const Pca> PcaOfTruth(const GaussianImages& truth) {
  const Eigen::VectorXd& lambda = truth.Eigenvalues();
  return std::make_shared<const Pca>(Pca{
      std::numeric_limits<std::int64_t>::max(), truth.Mean(), lambda, truth.Basis(lambda.size())});
}

// What else is asked for, and the exact optimum where it is known, on the same images and noise.
std::vector<ErrorColumn> OtherColumns(const Arguments& a,
                                      const Denoiser& model,
                                      const TrainingReference& reference,
                                      const ImageSet& images,
                                      const std::vector<double>& sigmas,
                                      const EvaluationOptions& options,
                                      const ProgressSink& progress) {
  std::vector<ErrorColumn> columns;
  const auto add = [&](const char* name, const Denoiser& denoiser, const ImageSet& on) {
    columns.push_back({name, EvaluateAll(denoiser, {}, on, sigmas, 0, options, progress)});
  };
  if (const std::optional<GaussianImages> truth = TruthOf(a.data.data))
    add("exact", *MakeWienerDenoiser(PcaOfTruth(*truth), truth->Shape()), images);
  if (a.empirical)
    add("empirical", *OpenLinearModel("linear:empirical", reference).denoiser, images);
  if (!a.train) return columns;
  if (!reference.images) throw Error("--train: needs the training split: {}", reference.reason);
  add("train", model, *reference.images);
  return columns;
}

void WritePerMode(const std::string& path,
                  const std::vector<Evaluation>& evaluations,
                  const Pca& pca) {
  Table table;
  table.columns = {"sigma", "k", "lambda", "resolved", "resolved_linear", "error", "error_linear"};
  for (const Evaluation& e : evaluations)
    for (Eigen::Index k = 0; k < e.resolved.size(); ++k)
      table.rows.push_back({NumberText(e.sigma),
                            std::to_string(k),
                            NumberText(pca.eigenvalues[k]),
                            NumberText(e.resolved[k]),
                            NumberText(e.linear_resolved[k]),
                            NumberText(e.mode_error[k]),
                            NumberText(e.linear_mode_error[k])});
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
  const std::int64_t modes = a.per_mode.empty() ? 0 : a.modes;
  const std::vector<Evaluation> evaluations =
      EvaluateAll(*model.denoiser, reference, images, sigmas, modes, options, ProgressLine(flags));
  const std::vector<ErrorColumn> others =
      OtherColumns(a, *model.denoiser, reference, images, sigmas, options, ProgressLine(flags));
  if (!a.per_mode.empty()) WritePerMode(a.per_mode, evaluations, *reference.pca);
  if (flags.json)
    fmt::print("{}\n", ErrorJson(evaluations, others).dump(2));
  else
    fmt::print("{}", ErrorTable(evaluations, others));
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
  AddSharedFlags(*command, flags);
  command->callback([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
