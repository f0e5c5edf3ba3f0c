#include "denoscope/studies/sample/sample_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/even_choice.h"
#include "denoscope/base/process.h"
#include "denoscope/image/tensors.h"
#include "denoscope/measure/evaluation.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/runs/study_data.h"
#include "denoscope/runs/unit_loop.h"
#include "denoscope/studies/sample/sample_tables.h"
#include "denoscope/studies/sample/sample_units.h"
#include "denoscope/studies/sweep/sweep_results.h"
#include "denoscope/studies/sweep/sweep_units.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostStates = 64;

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

Json Identity(const SweepInput& input, const SampleOptions& o) {
  const Eigen::VectorXd levels = PathLevels(o);
  std::vector<std::int64_t> images;  // samples whose Jacobians are analysed
  for (std::int64_t i = 0; o.jacobians > 0 && i < std::min(o.samples, o.jacobian_samples); ++i)
    images.push_back(i);
  Json options = {{"sampler", SamplerName(o.sampler)},
                  {"levels", std::vector<double>(levels.begin(), levels.end())},
                  {"samples", o.samples},
                  {"start", o.start == StartKind::kMatched ? "matched" : "noise"},
                  {"images", images},
                  {"sigmas", o.jacobians > 0 ? JacobianSigmas(o) : std::vector<double>()},
                  {"draws", 1},
                  {"modes", o.modes},
                  {"vectors", o.spectrum.vectors},
                  {"complex_eigenvalues", o.spectrum.complex_eigenvalues},
                  {"block", o.jacobian.block},
                  {"evaluation_images", 0},
                  {"replicates", o.replicates}};
  if (o.fixed_sigma > 0) options["fixed_sigma"] = o.fixed_sigma;
  return {{"options", options},
          {"seed", o.seed},
          {"model", input.model},
          {"data", IdentityOf(input.images)},
          {"reference", {{"n", input.pca ? input.pca->n : 0}, {"sha256", input.pca_sha256}}}};
}

Json Manifest(const SweepInput& input, const SampleOptions& options) {
  Json manifest = StudyManifest("sample", Identity(input, options), input.record);
  if (!input.pca) manifest["no_linear_comparison"] = input.no_pca_reason;
  const Eigen::VectorXd levels = PathLevels(options);
  const std::string outside =
      OutsideTraining(input.denoiser.Traits(), {levels.begin(), levels.end()});
  if (!outside.empty()) manifest["outside_training"] = outside;
  const std::string start = StartNote(options, input);
  if (!start.empty()) manifest["start_note"] = start;
  return manifest;
}

void WalkAll(RunFolder& run,
             const SweepInput& input,
             const Denoiser* wiener,
             const SampleOptions& options,
             const ProgressSink& progress) {
  const std::vector<SampleUnit> units = SampleUnits(options.samples);
  UnitLoop loop{"sample", "sampling", "units", {}, {}, {}};
  for (const SampleUnit& unit : units) loop.names.push_back(unit.Name());
  loop.compute = [&](std::size_t i) {
    return ToNpz(ComputeSampleUnit(input, wiener, options, units[i]));
  };
  loop.note = [&](std::size_t i) { return fmt::format("{} samples a unit", units[i].count); };
  ComputeUnits(run, loop, progress);
}

// The Jacobian at states of the paths: x is what the sampler makes of it in the end.
void AnalyzeStates(RunFolder& run,
                   CellAnalysis& cells,
                   const SampleOptions& options,
                   const ProgressSink& progress) {
  const Trajectories all = ReadTrajectories(run);
  const torch::Tensor noisy = ToTensor(all.deep.noisy), denoised = ToTensor(all.deep.denoised);
  std::vector<std::size_t> states = JacobianStates(options);
  std::reverse(states.begin(), states.end());
  std::vector<CellKey> keys;
  for (const SweepUnit& unit : SweepUnits(run.Manifest()["identity"]))
    if (all.deep.Whole(unit.key.image)) keys.push_back(unit.key);
  UnitLoop loop{"sample", "analyzing", "cells", {}, {}, {}};
  for (const CellKey& key : keys) loop.names.push_back(CellName(key));
  loop.compute = [&](std::size_t i) {
    const CellKey& key = keys[i];
    const auto t = static_cast<std::int64_t>(states[static_cast<std::size_t>(key.sigma_index)]);
    return ToNpz(cells.Compute(key, {denoised[-1][key.image], noisy[t][key.image]}));
  };
  loop.note = [&](std::size_t i) { return fmt::format("sigma {:.3g}", keys[i].sigma); };
  ComputeUnits(run, loop, progress);
}

// All modes of the training set: states at much noise have variance where data have none.
Reference WholeReference(const SweepInput& input, const CellAnalysis& cells) {
  Reference reference = cells.TheReference();
  if (!input.pca) return reference;
  reference.basis = input.pca->basis.cast<float>();
  reference.frequency = cells.Dct().MeanFrequency(input.pca->basis);
  return reference;
}

}  // namespace

void SampleOptions::Check() const {
  if (samples < 1 || jacobians < 0 || jacobian_samples < 1 || modes < 1 || replicates < 20)
    throw Error(
        "sample: samples, jacobian_samples, modes >= 1, jacobians >= 0 and replicates >= 20 "
        "expected, found {}, {}, {}, {}, {}",
        samples,
        jacobian_samples,
        modes,
        jacobians,
        replicates);
  if (fixed_sigma != 0 && sampler != Sampler::kRepeated)
    throw Error("sample: a fixed sigma goes with the sampler 'repeated', found '{}'",
                SamplerName(sampler));
  if (!(fixed_sigma >= 0) || !std::isfinite(fixed_sigma))
    throw Error("sample: a fixed sigma is positive, found {}", fixed_sigma);
  if (jacobians > 0 && (sampler == Sampler::kBlind || fixed_sigma > 0))
    throw Error("sample: Jacobians are taken at the noise levels of a schedule, and there is none");
  if (fixed_sigma == 0) schedule.Check();
  if (schedule.levels < 2)
    throw Error("sample: expected at least 2 levels, found {}", schedule.levels);
  jacobian.Check();
}

SampleOptions ResolveSample(SampleOptions options, const SweepInput& input) {
  const auto& trained = input.denoiser.Traits().trained_sigmas;
  if (options.schedule.largest == 0) {
    if (trained)
      options.schedule.largest = trained->high;
    else if (input.pca)
      options.schedule.largest = 3 * std::sqrt(input.pca->eigenvalues[0]);
    else
      throw Error(
          "sample: the noise to start from is not known, neither from the model nor from a "
          "training set ({}); give the largest",
          input.no_pca_reason);
  }
  if (!input.pca && options.start == StartKind::kMatched)
    throw Error("sample: starts like noisy data need a training set ({}); choose starts of noise",
                input.no_pca_reason);
  options.Check();
  return options;
}

Eigen::VectorXd PathLevels(const SampleOptions& options) {
  if (options.fixed_sigma > 0)
    return Eigen::VectorXd::Constant(options.schedule.levels, options.fixed_sigma);
  return NoiseLevels(options.schedule);
}

std::vector<std::size_t> KeptStates(std::size_t levels) { return EvenChoice(levels, kMostStates); }

std::string StartNote(const SampleOptions& options, const SweepInput& input) {
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

RunFolder RunSampleStudy(const SweepInput& input,
                         const SampleOptions& wanted,
                         const fs::path& out,
                         bool force,
                         const ProgressSink& progress) {
  SampleOptions options = ResolveSample(wanted, input);
  const ImageShape shape = input.images.ImageSize();
  CheckImageShape(input.denoiser.Traits(), shape);
  const std::int64_t d = shape.Size();
  const auto kept = static_cast<std::int64_t>(
      KeptStates(static_cast<std::size_t>(options.schedule.levels)).size());
  CheckMemory("sample",
              (input.pca ? 40 : 20) * kept * options.samples * d +
                  (options.jacobians > 0 ? SpectrumBytes(d) : 0),
              fmt::format("{} samples of d = {}", options.samples, d));
  RunFolder run = BeginRun(out, Manifest(input, options), force);
  CellAnalysis cells(
      input,
      {options.modes, JacobianSigmas(options), options.spectrum, options.jacobian, options.seed});
  const Reference reference = WholeReference(input, cells);
  if (Ranks::OfThisJob().IsFirst()) WriteNpz(out / "reference.npz", ToNpz(reference));
  WalkAll(run, input, cells.Wiener(), options, progress);
  if (options.jacobians > 0) AnalyzeStates(run, cells, options, progress);
  CompleteRun(run, [&] {
    if (options.jacobians > 0) WriteCellTables(run, cells.TheReference());
    WriteSampleTables(run, reference, {options.modes, options.replicates, options.seed});
  });
  return run;
}

}  // namespace denoscope
