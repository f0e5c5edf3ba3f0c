#include "denoscope/studies/posterior/posterior_study.h"

#include <algorithm>

#include "denoscope/base/process.h"
#include "denoscope/jacobian/engine.h"
#include "denoscope/ranks/ranks.h"
#include "denoscope/results/npz_members.h"
#include "denoscope/results/posterior_columns.h"
#include "denoscope/runs/study_data.h"
#include "denoscope/runs/unit_loop.h"
#include "denoscope/studies/posterior/posterior_tables.h"
#include "denoscope/theory/pca/eigenvalues.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

struct Unit {
  bool is_coverage = false;
  std::int64_t image = 0;
  NoiseLevel level;
  std::string Name() const {
    return is_coverage ? CoverageName(level.sigma) : PosteriorName(image, level.sigma);
  }
};

std::vector<Unit> Units(const PosteriorOptions& o) {
  std::vector<Unit> units;
  for (std::size_t s = 0; s < o.sigmas.size(); ++s) {
    const NoiseLevel level = {o.sigmas[s], static_cast<std::int64_t>(s)};
    for (const std::int64_t image : o.images) units.push_back({false, image, level});
    if (o.coverage_images > 0) units.push_back({true, 0, level});
  }
  return units;
}

// Leading modes that vary: of others the ratio of error and variance means nothing.
CoverageDirections DirectionsOf(const PosteriorInput& input, std::uint64_t seed) {
  CoverageDirections directions;
  directions.pixels = RandomPixels(input.images.ImageSize().Size(), seed);
  if (!input.pca) return directions;
  directions.pca =
      input.pca->basis.leftCols(UsefulModes(input.pca->eigenvalues, kModeDirections)).cast<float>();
  return directions;
}

Npz ToNpz(const CoverageDirections& directions) {
  return {{"pca", Rows(directions.pca.transpose())},
          {"pixels",
           Array::From<std::int64_t>({static_cast<std::int64_t>(directions.pixels.size())},
                                     directions.pixels)}};
}

Json Identity(const PosteriorInput& input, const PosteriorOptions& o) {
  const Json options = {{"images", o.images},
                        {"sigmas", o.sigmas},
                        {"top", o.top},
                        {"coverage_images", o.coverage_images},
                        {"component_images", o.component_images},
                        {"probes", o.probes},
                        {"exact_up_to", o.exact_up_to}};
  return {{"options", options},
          {"seed", o.seed},
          {"model", input.model},
          {"data", IdentityOf(input.images)},
          {"reference", {{"n", input.pca ? input.pca->n : 0}, {"sha256", input.pca_sha256}}}};
}

Json Manifest(const PosteriorInput& input, const PosteriorOptions& options) {
  Json manifest = StudyManifest("posterior", Identity(input, options), input.record);
  if (!input.pca) manifest["no_pca_directions"] = input.no_pca_reason;
  const std::string outside = OutsideTraining(input.denoiser.Traits(), options.sigmas);
  if (!outside.empty()) manifest["outside_training"] = outside;
  return manifest;
}

void CheckRoom(std::int64_t d, const PosteriorOptions& o) {
  KrylovOptions krylov;
  krylov.count = o.top;
  const std::int64_t whole = d <= o.exact_up_to ? 12 * d * d : 24 * d * 16;
  CheckMemory("posterior",
              LeadingBytes(d, krylov) + whole,
              fmt::format("{} components of d = {}", o.top, d));
}

}  // namespace

RunFolder RunPosterior(const PosteriorInput& input,
                       const PosteriorOptions& wanted,
                       const fs::path& out,
                       bool force,
                       const ProgressSink& progress) {
  PosteriorOptions options = wanted;
  options.Check();
  std::sort(options.sigmas.begin(), options.sigmas.end());
  options.coverage_images = std::min(options.coverage_images, input.images.Count());
  CheckImageShape(input.denoiser.Traits(), input.images.ImageSize());
  input.images.Images(options.images);  // throws on an index outside the set
  CheckRoom(input.images.ImageSize().Size(), options);
  RunFolder run = BeginRun(out, Manifest(input, options), force);
  const CoverageDirections directions = DirectionsOf(input, options.seed);
  if (Ranks::OfThisJob().IsFirst()) WriteNpz(out / "directions.npz", ToNpz(directions));

  const std::vector<Unit> units = Units(options);
  UnitLoop loop{"posterior", "posterior", "units", {}, {}, {}};
  for (const Unit& unit : units) loop.names.push_back(unit.Name());
  loop.note = [&](std::size_t i) { return fmt::format("sigma {:.3g}", units[i].level.sigma); };
  loop.compute = [&](std::size_t i) {
    const Unit& u = units[i];
    if (u.is_coverage)
      return ToNpz(ComputeCoverage(input.denoiser, input.images, directions, u.level, options));
    const NoisyPair at = AnalysedImage(input.images, u.image, u.level, options.seed);
    Posterior posterior = ComputePosterior(input.denoiser, at, u.level.sigma, options);
    posterior.image = u.image;
    posterior.sigma_index = u.level.index;
    return ToNpz(posterior);
  };
  ComputeUnits(run, loop, progress);
  CompleteRun(run, [&] {
    const std::vector<Posterior> posteriors = ReadPosteriors(run);
    WriteCsv(out / kPosteriorSummary.file, PosteriorSummaryTable(posteriors));
    WriteCsv(out / kPosteriorComponents.file, ComponentsTable(posteriors));
    WriteCsv(out / kPosteriorCoverage.file, CoverageTable(ReadCoverages(run)));
  });
  return run;
}

}  // namespace denoscope
