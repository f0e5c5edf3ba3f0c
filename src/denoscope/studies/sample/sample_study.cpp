#include "denoscope/studies/sample/sample_study.h"

#include <fmt/format.h>

#include <algorithm>

#include "denoscope/base/even_choice.h"
#include "denoscope/base/process.h"
#include "denoscope/image/tensors.h"
#include "denoscope/measure/reference.h"
#include "denoscope/runs/study_run.h"
#include "denoscope/studies/sample/sample_tables.h"
#include "denoscope/studies/sample/sample_units.h"
#include "denoscope/studies/sweep/sweep_results.h"

namespace denoscope {
namespace {

// Noise starts are taken for noisy data where their variance is this much larger than the data's.
constexpr double kFar = 100;

// States of a path at which J is analysed, among those that are kept.
std::vector<std::size_t> JacobianStates(const SampleOptions& options) {
  const std::vector<std::size_t> kept =
      KeptStates(static_cast<std::size_t>(options.schedule.levels));
  std::vector<std::size_t> states;
  for (const std::size_t i : EvenChoice(kept.size(), static_cast<std::size_t>(options.jacobians)))
    states.push_back(i);
  return states;
}

// Ascending, as in a sweep.
std::vector<double> JacobianSigmas(const SampleOptions& options) {
  const Eigen::VectorXd levels = PathLevels(options);
  const std::vector<std::size_t> kept = KeptStates(static_cast<std::size_t>(levels.size()));
  std::vector<double> sigmas;
  for (const std::size_t t : JacobianStates(options))
    sigmas.push_back(levels(static_cast<Eigen::Index>(kept[t])));
  std::reverse(sigmas.begin(), sigmas.end());
  return sigmas;
}

// The levels beside the options that they follow from: reports show them.
Json Identity(const AnalysisInput& input, const SampleOptions& options) {
  Json identity = StudyIdentity(
      options,
      ModelInputs(input.model, input.images, input.pca ? input.pca->n : 0, input.pca_sha256));
  const Eigen::VectorXd levels = PathLevels(options);
  identity["options"]["levels"] = std::vector<double>(levels.begin(), levels.end());
  return identity;
}

Json Record(const AnalysisInput& input, const SampleOptions& options) {
  Json record = input.record;
  if (!input.pca) record["no_linear_comparison"] = input.no_pca_reason;
  const Eigen::VectorXd levels = PathLevels(options);
  const std::string outside =
      OutsideTraining(input.denoiser.Traits(), {levels.begin(), levels.end()});
  if (!outside.empty()) record["outside_training"] = outside;
  const std::string start = StartNote(options, input);
  if (!start.empty()) record["start_note"] = start;
  return record;
}

// A cell of a sample in place of an image.
struct AnalysedState {
  CellKey key;
  std::size_t state = 0;  // among those kept
  std::string Name() const { return CellName(key); }
  std::string Note() const { return fmt::format("sigma {:.3g}", key.sigma); }
};

// Of the first samples, where they are whole.
std::vector<AnalysedState> AnalysedStates(const SampleOptions& options, const Path& path) {
  const std::vector<double> sigmas = JacobianSigmas(options);
  std::vector<std::size_t> states = JacobianStates(options);
  std::reverse(states.begin(), states.end());
  std::vector<AnalysedState> all;
  for (std::size_t s = 0; s < sigmas.size(); ++s)
    for (std::int64_t i = 0; i < std::min(options.samples, options.jacobian_samples); ++i)
      if (path.Whole(i))
        all.push_back({{i, static_cast<std::int64_t>(s), 0, sigmas[s]}, states[s]});
  return all;
}

// The Jacobian at states of the paths: x is what the sampler makes of it in the end.
void AnalyzeStates(StudyRun& run, CellAnalysis& cells, const SampleOptions& options) {
  const Trajectories all = ReadTrajectories(run.Folder(), options);
  const torch::Tensor noisy = ToTensor(all.deep.noisy), denoised = ToTensor(all.deep.denoised);
  run.Compute(
      {"sample", "analyzing", "cells"},
      AnalysedStates(options, all.deep),
      [&](const AnalysedState& at) {
        const auto t = static_cast<std::int64_t>(at.state);
        return ToNpz(cells.Compute(at.key, {denoised[-1][at.key.image], noisy[t][at.key.image]}));
      });
}

void CheckRoom(const AnalysisInput& input, const SampleOptions& options) {
  const std::int64_t d = input.images.ImageSize().Size();
  const auto kept = static_cast<std::int64_t>(
      KeptStates(static_cast<std::size_t>(options.schedule.levels)).size());
  CheckMemory("sample",
              (input.pca ? 40 : 20) * kept * options.samples * d +
                  (options.jacobians > 0 ? SpectrumBytes(d) : 0),
              fmt::format("{} samples of d = {}", options.samples, d));
}

// All modes of the training set: states at much noise have variance where data have none.
Reference WholeReference(const AnalysisInput& input, const CellAnalysis& cells) {
  Reference reference = cells.TheReference();
  if (input.pca)
    SetModes(*input.pca, input.pca->basis.cols(), input.pca_sha256, cells.Dct(), reference);
  return reference;
}

}  // namespace

std::string StartNote(const SampleOptions& options, const AnalysisInput& input) {
  if (options.start == StartKind::kMatched || !input.pca) return "";
  const Pca& pca = *input.pca;
  const double s = PathLevels(options)(0), d = static_cast<double>(pca.mean.size());
  const double data = pca.eigenvalues[0] + pca.mean.squaredNorm() / d;
  if (s * s > kFar * data) return "";
  return fmt::format(
      "starts N(0, s^2) with s^2 = {:.4g} are not noisy data: lambda_0 + |m|^2/d is {:.4g}, "
      "expected below {:.0f} % of it",
      s * s,
      data,
      100 / kFar);
}

RunFolder RunSampleStudy(const AnalysisInput& input,
                         const SampleOptions& wanted,
                         const RunTarget& target) {
  const SampleOptions options = ResolveSample(wanted, input);
  CheckImageShape(input.denoiser.Traits(), input.images.ImageSize());
  CheckRoom(input, options);
  StudyRun run({kSampleKind, Identity(input, options), Record(input, options)}, target);
  const std::vector<double> sigmas = JacobianSigmas(options);
  CellAnalysis cells(input,
                     {options.modes, sigmas, options.spectrum, options.jacobian, options.seed});
  const Reference reference = WholeReference(input, cells);
  run.WriteByFirst("reference.npz", ToNpz(reference));
  run.Compute({"sample", "sampling", "units"}, SampleUnits(options), [&](const SampleUnit& unit) {
    return ToNpz(ComputeSampleUnit(input, cells.Wiener(), options, unit));
  });
  if (options.jacobians > 0) AnalyzeStates(run, cells, options);
  return run.Complete([&] {
    if (options.jacobians > 0)
      WriteCellTables(
          run.Folder(), cells.TheReference(), {sigmas, {options.replicates, options.seed}, {}});
    WriteSampleTables(run.Folder(), reference, options);
  });
}

}  // namespace denoscope
