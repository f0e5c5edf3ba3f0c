// denoscope jacobian: the whole Jacobian at one image, to an NPY file.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/image/npy_image.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/studies/jacobian/jacobian_job.h"
#include "tools/arguments/jacobian_argument.h"
#include "tools/arguments/number_list.h"
#include "tools/arguments/ranks_flag.h"
#include "tools/commands/commands.h"
#include "tools/output/console.h"
#include "tools/output/jacobian_text.h"

namespace denoscope {
namespace {

double ReadSigma(const JacobianArguments& a) {
  const std::vector<double> sigmas = ReadSigmas(a.sigma, a.sigma_scale, "--sigma");
  if (sigmas.size() != 1) throw UsageError("--sigma: expected one number, found '{}'", a.sigma);
  return sigmas[0];
}

void RunOnMatrix(const std::string& matrix, const SpectrumFiles& files, const SharedFlags& flags) {
  const WrittenSpectrum written = WriteSpectrumOfFile(matrix, files);
  if (Ranks::OfThisJob().IsFirst()) PrintSpectrum(written, files, flags);
}

void Compute(const JacobianInput& input,
             const JacobianJob& job,
             const EngineChoice& choice,
             const SharedFlags& flags) {
  const bool first = Ranks::OfThisJob().IsFirst();
  const std::int64_t d = input.y.numel();
  if (choice.engine == Engine::kKrylov) {
    const LeadingPairs found = WriteLeadingOf(input, job);
    if (first) PrintLeading(found, job.out, d, flags);
  } else {
    const WrittenJacobian written = WriteJacobianOf(input, job, choice, ProgressLine(flags));
    if (first) PrintWritten(written, job, choice, d, flags);
  }
}

void Run(const JacobianArguments& a, const SharedFlags& flags) {
  const JacobianJob job = JobFrom(a, flags);
  CheckRanksFlag(a.ranks, a.dry_run);
  if (!a.matrix.empty()) return RunOnMatrix(a.matrix, job.spectrum, flags);
  if (std::filesystem::exists(job.out) && !job.force && !a.dry_run)
    throw Error(
        "file '{}': exists, use --force to replace it{}",
        job.out,
        job.spectrum.values.empty() ? "" : ", or --matrix for the spectrum of what it holds");
  const double sigma = ReadSigma(a);
  const torch::Tensor y =
      ReadNpyImage(a.input, a.type == "float64" ? torch::kFloat64 : torch::kFloat32);
  const OpenedModel model = OpenModel(
      a.model,
      a.model.Linear() ? LoadTrainingReference(a.data, ProgressLine(flags)) : TrainingReference());
  Warn(OutsideTraining(model.denoiser->Traits(), {sigma}));
  model.denoiser->SetType(y.scalar_type());
  const JacobianInput input = {*model.denoiser, model.identity, a.input, y, sigma};
  const EngineChoice choice = EngineFor(input, job);
  AgreeOn(input, job, choice);
  const bool first = Ranks::OfThisJob().IsFirst();
  if (a.dry_run) {
    if (first) PrintPlan(PlanJacobian(input, job, choice), choice, a.ranks, flags);
    return;
  }
  if (!flags.quiet && first)
    fmt::print(stderr, "engine {}: {}\n", NameOf(choice.engine), choice.reason);
  Compute(input, job, choice, flags);
}

}  // namespace

void AddJacobianCommand(Command program, SharedFlags& flags) {
  Command command = program.AddCommand("jacobian", "the whole Jacobian at one image, as NPY");
  auto a = std::make_shared<JacobianArguments>();
  AddJacobianFlags(command, *a);
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
