#include "denoscope/studies/sweep/sweep.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "denoscope/base/process.h"
#include "denoscope/data/noise.h"
#include "denoscope/measure/level_measurement.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/runs/study_run.h"
#include "denoscope/studies/sweep/sweep_results.h"
#include "denoscope/studies/sweep/sweep_units.h"

namespace denoscope {
namespace {

class Sweep {
 public:
  Sweep(const AnalysisInput& input, const SweepOptions& options)
      : input_(input),
        options_(options),
        cells_(input,
               {options.modes, options.sigmas, options.spectrum, options.jacobian, options.seed}) {}

  const Reference& TheReference() const { return cells_.TheReference(); }

  Npz Compute(const SweepUnit& unit) {
    if (!unit.is_evaluation) return ToNpz(cells_.Compute(unit.key, PairOf(unit.key)));
    EvaluationOptions options = options_.evaluation;
    if (!unit.null.empty()) options.images = std::min(options.images, kNullImages);
    const Reference& reference = TheReference();
    const Denoiser& denoiser = unit.null.empty() ? input_.denoiser : Null(unit.null);
    return ToNpz(MeasureLevel({denoiser, cells_.Wiener(), input_.images},
                              {reference.basis, reference.mean, &cells_.Dct()},
                              {unit.key.sigma, unit.key.sigma_index},
                              options));
  }

 private:
  const Denoiser& Null(const std::string& name) const {
    for (const NullDenoiser& null : input_.nulls)
      if (null.name == name) return *null.denoiser;
    throw Error("analyze: there is no null denoiser '{}'", name);
  }

  NoisyPair PairOf(const CellKey& key) const {
    const torch::Tensor x = input_.images.Images({key.image})[0];
    const torch::Tensor z = StandardNoise(x.sizes(),
                                          options_.seed,
                                          CellStream(key.image, key.draw),
                                          static_cast<std::uint64_t>(key.sigma_index));
    return {x, x + key.sigma * z};
  }

  const AnalysisInput& input_;
  const SweepOptions& options_;
  CellAnalysis cells_;
};

std::vector<std::string> NullNames(const AnalysisInput& input, const SweepOptions& options) {
  std::vector<std::string> names;
  if (input.pca && options.evaluation.images > 0)
    for (const NullDenoiser& null : input.nulls) names.push_back(null.name);
  return names;
}

Json Inputs(const AnalysisInput& input, const SweepOptions& options) {
  return {{"model", input.model},
          {"data",
           {{"name", input.images.Name()},
            {"split", input.images.Split()},
            {"sha256", input.images.Sha256()}}},
          {"nulls", NullNames(input, options)},
          {"reference", {{"n", input.pca ? input.pca->n : 0}, {"sha256", input.pca_sha256}}}};
}

// The rows of a product that are chosen, too: they hold for the rest of the run.
Json Record(const AnalysisInput& input, const SweepOptions& options, const torch::Tensor& x) {
  Json record = input.record;
  if (options.shards > 1) record["shard"] = fmt::format("{}/{}", options.shard, options.shards);
  if (!input.pca) record["no_linear_comparison"] = input.no_pca_reason;
  const std::string outside = OutsideTraining(input.denoiser.Traits(), options.sigmas);
  if (!outside.empty()) record["outside_training"] = outside;
  record["choices"]["block"] =
      MakeDenseBlocks(input.denoiser, x, options.sigmas.front(), options.jacobian).block;
  return record;
}

}  // namespace

RunFolder RunSweep(const AnalysisInput& input,
                   const SweepOptions& wanted,
                   const RunTarget& target) {
  SweepOptions options = ResolveSweep(wanted, input);
  CheckImageShape(input.denoiser.Traits(), input.images.ImageSize());
  const torch::Tensor x = input.images.Images(options.images)[0];
  const std::int64_t d = x.numel();
  CheckMemory("analyze", SpectrumBytes(d), fmt::format("whole spectra of d = {}", d));
  StudyRun run(
      {kAnalyzeKind, StudyIdentity(options, Inputs(input, options)), Record(input, options, x)},
      target);
  // What an earlier part of this run chose holds for the rest of it; the first runs noted nothing.
  const Json& manifest = run.Folder().Manifest();
  if (manifest.contains("choices"))
    options.jacobian.block =
        JsonField<std::int64_t>(manifest["choices"], "block", run.File("run.json"));
  Sweep sweep(input, options);
  run.WriteByFirst("reference.npz", ToNpz(sweep.TheReference()));
  run.Compute({"analyze", "analyzing", "cells"},
              OfShard(SweepUnits(options, NullNames(input, options)), options),
              [&](const SweepUnit& unit) { return sweep.Compute(unit); });
  if (options.shards == 1)
    FinishRun(run.Folder());
  else if (Ranks::OfThisJob().IsFirst())
    run.Folder().SetManifest("status", "shard complete");
  return run.Folder();
}

}  // namespace denoscope
