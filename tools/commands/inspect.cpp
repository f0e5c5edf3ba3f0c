// denoscope inspect: what a denoiser is, and how well it denoises.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "denoscope/models/error_report.h"
#include "denoscope/models/inspection.h"
#include "denoscope/verdict/verdict.h"
#include "tools/arguments/data_argument.h"
#include "tools/arguments/model_argument.h"
#include "tools/arguments/number_list.h"
#include "tools/commands/commands.h"
#include "tools/output/console.h"
#include "tools/output/description_text.h"
#include "tools/output/self_test_report.h"
#include "tools/output/verdict_report.h"

namespace denoscope {
namespace {

struct Arguments {
  ModelArguments model;
  DataArguments data;
  std::string sigmas;
  double sigma_scale = 1;
  bool self_test = false, verdict = false;
  EvaluationOptions options;
};

// The noise levels asked for, else those that it should know.
std::vector<double> VerdictSigmas(const Arguments& a, const DenoiserTraits& traits) {
  if (a.sigmas.empty()) return SigmasToJudgeAt(traits);
  std::vector<double> sigmas = ReadSigmas(a.sigmas, a.sigma_scale);
  if (sigmas.empty()) throw UsageError("--verdict: expected noise levels, found '{}'", a.sigmas);
  return sigmas;
}

Verdict MakeVerdict(const Arguments& a,
                    const InspectedModel& subject,
                    const TrainingReference& reference,
                    const SharedFlags& flags) {
  const Denoiser& denoiser = *subject.denoiser;
  const ImageSet images = LoadImages(a.data, denoiser.Traits(), ProgressLine(flags));
  if (images.Count() < 2)
    throw UsageError("--verdict: expected a set of images, found one photo, '{}'", a.data.data);
  VerdictOptions options;
  options.evaluation.images = std::min(a.options.images, options.evaluation.images);
  options.evaluation.seed = flags.seed;
  std::optional<ImageSet> training = reference.images;
  if (training && subject.trained_on > 0 && subject.trained_on < training->Count())
    training = training->Subset(0, subject.trained_on);
  return VerdictOn(denoiser,
                   {images, training ? &*training : nullptr, reference.pca},
                   VerdictSigmas(a, denoiser.Traits()),
                   options,
                   ProgressLine(flags));
}

// Errors at noise levels that were asked for.
ErrorReport MeasuredErrors(const Arguments& a,
                           const Denoiser& denoiser,
                           const TrainingReference& reference,
                           const std::vector<double>& sigmas,
                           const SharedFlags& flags) {
  ErrorOptions options;
  options.sigmas = sigmas;
  options.evaluation = a.options;
  options.evaluation.seed = flags.seed;
  const ImageSet images = LoadImages(a.data, denoiser.Traits(), ProgressLine(flags));
  return MeasureErrors(denoiser, reference, images, options, ProgressLine(flags));
}

void Run(const Arguments& a, const SharedFlags& flags) {
  TrainingReference reference;
  if (a.model.Linear() || a.verdict || !a.sigmas.empty())
    reference = LoadTrainingReference(a.data.data, ProgressLine(flags));
  const InspectedModel subject =
      a.model.Linear() ? InspectLinear(OpenModel(a.model, reference), reference, flags.seed)
                       : InspectNetwork(OpenNetwork(a.model), reference, flags.seed);
  Denoiser& denoiser = *subject.denoiser;
  Json result = subject.description;
  ErrorReport errors;
  std::optional<Verdict> verdict;
  const std::vector<double> given =
      a.sigmas.empty() ? std::vector<double>() : ReadSigmas(a.sigmas, a.sigma_scale);
  Warn(OutsideTraining(denoiser.Traits(), given));
  if (a.verdict) {
    verdict = MakeVerdict(a, subject, reference, flags);
    result["verdict"] = VerdictJson(*verdict);
  } else if (!given.empty()) {
    errors = MeasuredErrors(a, denoiser, reference, given, flags);
    result["errors"] = ErrorJson(errors);
  }
  std::optional<SelfTest> test;
  if (a.self_test) {
    SelfTestOptions options;
    options.seed = flags.seed;
    test = TestJacobian(denoiser, subject.image, subject.sigma, options);
    result["self_test"] = SelfTestJson(*test);
  }
  if (flags.json) {
    fmt::print("{}\n", result.dump(2));
  } else {
    PrintDescription(result);
    if (!errors.evaluations.empty()) fmt::print("\n{}", ErrorTable(errors));
    if (test) PrintSelfTest(*test);
    if (verdict) fmt::print("\n{}", VerdictText(*verdict));
  }
  if (test && !test->Passed())
    throw Error("self-test of '{}': failed, the Jacobian is not the derivative of the denoiser",
                denoiser.Traits().name);
}

}  // namespace

void AddInspectCommand(Command program, SharedFlags& flags) {
  Command command = program.AddCommand(
      "inspect", "what a denoiser is: layers, traits, error by noise level, and a verdict on it");
  auto a = std::make_shared<Arguments>();
  AddModelFlags(command, a->model).Required();
  AddDataFlags(command, a->data);
  command.Add("--verdict",
              a->verdict,
              "is it a denoiser of these images, read the right way, near an optimum? In "
              "plain words, with numbers");
  command.Add("--sigmas", a->sigmas, "noise levels at which the error is measured");
  command.Add("--sigma-scale", a->sigma_scale, "divides every sigma given").ShowDefault();
  command.Add("--evaluation-images", a->options.images, "the first of the split").ShowDefault();
  command.Add("--self-test",
              a->self_test,
              "is the Jacobian the derivative? Rows, columns, differences, adjoints, SURE");
  AddSharedFlags(command, flags);
  command.OnRun([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
