#include "denoscope/studies/sweep/sweep.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "denoscope/base/process.h"
#include "denoscope/data/noise.h"
#include "denoscope/measure/level_measurement.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/runs/unit_loop.h"
#include "denoscope/studies/sweep/sweep_results.h"
#include "denoscope/studies/sweep/sweep_units.h"
#include "denoscope/theory/optimal/wiener.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

class Sweep {
 public:
  Sweep(const SweepInput& input, const SweepOptions& options)
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
                                          fmt::format("cell/{}/{}", key.image, key.draw),
                                          static_cast<std::uint64_t>(key.sigma_index));
    return {x, x + key.sigma * z};
  }

  const SweepInput& input_;
  const SweepOptions& options_;
  CellAnalysis cells_;
};

Json Identity(const SweepInput& input, const SweepOptions& options) {
  Json identity;
  identity["options"] = {{"images", options.images},
                         {"sigmas", options.sigmas},
                         {"draws", options.draws},
                         {"modes", options.modes},
                         {"vectors", options.spectrum.vectors},
                         {"complex_eigenvalues", options.spectrum.complex_eigenvalues},
                         {"block", options.jacobian.block},
                         {"evaluation_images", options.evaluation.images},
                         {"replicates", options.evaluation.replicates},
                         {"evaluation_batch", options.evaluation.batch}};
  identity["seed"] = options.seed;
  identity["model"] = input.model;
  identity["data"] = {{"name", input.images.Name()},
                      {"split", input.images.Split()},
                      {"sha256", input.images.Sha256()}};
  identity["nulls"] = Json::array();
  if (input.pca && options.evaluation.images > 0)
    for (const NullDenoiser& null : input.nulls) identity["nulls"].push_back(null.name);
  identity["reference"] = {{"n", input.pca ? input.pca->n : 0}, {"sha256", input.pca_sha256}};
  return identity;
}

Json Manifest(const SweepInput& input, const SweepOptions& options) {
  Json manifest = {{"kind", "analyze"}, {"version", 1}, {"identity", Identity(input, options)}};
  for (const auto& [key, value] : input.record.items()) manifest[key] = value;
  if (options.shards > 1) manifest["shard"] = fmt::format("{}/{}", options.shard, options.shards);
  if (!input.pca) manifest["no_linear_comparison"] = input.no_pca_reason;
  const std::string outside = OutsideTraining(input.denoiser.Traits(), options.sigmas);
  if (!outside.empty()) manifest["outside_training"] = outside;
  return manifest;
}

}  // namespace

void SweepOptions::Check() const {
  if (images.empty() || draws < 1 || modes < 1 || spectrum.vectors < 1)
    throw Error("analyze: expected at least one image, draw, mode and vector, found {}, {}, {}, {}",
                images.size(),
                draws,
                modes,
                spectrum.vectors);
  if (std::set<std::int64_t>(images.begin(), images.end()).size() != images.size())
    throw Error("analyze: an image is given twice");
  std::set<std::string> names;
  for (const double sigma : sigmas) {
    if (!(sigma > 0) || !std::isfinite(sigma))
      throw Error("analyze: sigma must be a positive number, found {}", sigma);
    if (!names.insert(EvaluationName(sigma)).second)
      throw Error("analyze: two noise levels are the same to 6 decimals, {}", sigma);
  }
  if (shards < 1 || shard < 0 || shard >= shards)
    throw Error("analyze: shard {} of {} does not exist", shard, shards);
  jacobian.Check();
  evaluation.Check();
}

SweepOptions ResolveSweep(SweepOptions options, const SweepInput& input) {
  if (options.sigmas.empty()) {
    if (!input.pca)
      throw Error("sigmas auto: needs a training set for 3 sqrt(lambda_0), and there is none ({})",
                  input.no_pca_reason);
    const Eigen::VectorXd automatic = AutomaticSigmas(input.pca->eigenvalues);
    options.sigmas.assign(automatic.begin(), automatic.end());
  }
  std::sort(options.sigmas.begin(), options.sigmas.end());
  options.evaluation.images = std::min(options.evaluation.images, input.images.Count());
  if (input.images.Count() < 2) options.evaluation.images = 0;  // one photo has no average
  options.evaluation.seed = options.seed;
  options.Check();
  return options;
}

RunFolder RunSweep(const SweepInput& input,
                   const SweepOptions& wanted,
                   const fs::path& out,
                   bool force,
                   const ProgressSink& progress) {
  SweepOptions options = ResolveSweep(wanted, input);
  CheckImageShape(input.denoiser.Traits(), input.images.ImageSize());
  const torch::Tensor x = input.images.Images(options.images)[0];
  const std::int64_t d = x.numel();
  CheckMemory("analyze", SpectrumBytes(d), fmt::format("whole spectra of d = {}", d));
  Json manifest = Manifest(input, options);
  manifest["choices"]["block"] =
      MakeDenseBlocks(input.denoiser, x, options.sigmas.front(), options.jacobian).block;
  RunFolder run = BeginRun(out, std::move(manifest), force);
  // What an earlier part of this run chose holds for the rest of it; the first runs noted nothing.
  if (run.Manifest().contains("choices"))
    options.jacobian.block = run.Manifest()["choices"]["block"].get<std::int64_t>();
  Sweep sweep(input, options);
  if (Ranks::OfThisJob().IsFirst()) WriteNpz(out / "reference.npz", ToNpz(sweep.TheReference()));

  const std::vector<SweepUnit> units = SweepUnits(run.Manifest()["identity"]);
  std::vector<SweepUnit> ours;
  for (std::size_t i = 0; i < units.size(); ++i)
    if (static_cast<std::int64_t>(i) % options.shards == options.shard) ours.push_back(units[i]);
  UnitLoop loop{"analyze", "analyzing", "cells", {}, {}, {}};
  for (const SweepUnit& unit : ours) loop.names.push_back(unit.Name());
  loop.compute = [&](std::size_t i) { return sweep.Compute(ours[i]); };
  loop.note = [&](std::size_t i) { return fmt::format("sigma {:.3g}", ours[i].key.sigma); };
  ComputeUnits(run, loop, progress);
  if (options.shards == 1)
    FinishRun(run);
  else if (Ranks::OfThisJob().IsFirst())
    run.SetManifest("status", "shard complete");
  return run;
}

}  // namespace denoscope
