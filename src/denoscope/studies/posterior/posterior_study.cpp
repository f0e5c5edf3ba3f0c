#include "denoscope/studies/posterior/posterior_study.h"

#include "denoscope/base/process.h"
#include "denoscope/jacobian/engine.h"
#include "denoscope/results/npz_members.h"
#include "denoscope/results/posterior_columns.h"
#include "denoscope/runs/study_run.h"
#include "denoscope/studies/posterior/posterior_tables.h"
#include "denoscope/studies/posterior/posterior_units.h"
#include "denoscope/theory/pca/eigenvalues.h"

namespace denoscope {
namespace {

struct PosteriorUnit {
  bool is_coverage = false;
  std::int64_t image = 0;
  NoiseLevel level;
  std::string Name() const {
    return is_coverage ? CoverageName(level.sigma) : ImageUnitName(image, level.sigma);
  }
  std::string Note() const { return fmt::format("sigma {:.3g}", level.sigma); }
};

std::vector<PosteriorUnit> PosteriorUnits(const PosteriorOptions& o) {
  std::vector<PosteriorUnit> units;
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

Json Record(const PosteriorInput& input, const PosteriorOptions& options) {
  Json record = input.record;
  if (!input.pca) record["no_pca_directions"] = input.no_pca_reason;
  const std::string outside = OutsideTraining(input.denoiser.Traits(), options.sigmas);
  if (!outside.empty()) record["outside_training"] = outside;
  return record;
}

Npz Compute(const PosteriorInput& input,
            const CoverageDirections& directions,
            const PosteriorOptions& options,
            const PosteriorUnit& unit) {
  if (unit.is_coverage)
    return ToNpz(ComputeCoverage(input.denoiser, input.images, directions, unit.level, options));
  const NoisyPair at = AnalysedImage(input.images, unit.image, unit.level, options.seed);
  Posterior posterior = ComputePosterior(input.denoiser, at, unit.level.sigma, options);
  posterior.image = unit.image;
  posterior.sigma_index = unit.level.index;
  return ToNpz(posterior);
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
                       const RunTarget& target) {
  const PosteriorOptions options = ResolvePosterior(wanted, input.images);
  CheckImageShape(input.denoiser.Traits(), input.images.ImageSize());
  input.images.Images(options.images);  // throws on an index outside the set
  CheckRoom(input.images.ImageSize().Size(), options);
  const Json inputs =
      ModelInputs(input.model, input.images, input.pca ? input.pca->n : 0, input.pca_sha256);
  StudyRun run({kPosteriorKind, StudyIdentity(options, inputs), Record(input, options)}, target);
  const CoverageDirections directions = DirectionsOf(input, options.seed);
  run.WriteByFirst("directions.npz", ToNpz(directions));
  run.Compute({"posterior", "posterior", "units"},
              PosteriorUnits(options),
              [&](const PosteriorUnit& unit) { return Compute(input, directions, options, unit); });
  return run.Complete([&] {
    const std::vector<Posterior> posteriors =
        ReadPosteriors(run.Folder(), options.images, options.sigmas);
    std::vector<Coverage> coverages;
    if (options.coverage_images > 0) coverages = ReadCoverages(run.Folder(), options.sigmas);
    WriteCsv(run.File(kPosteriorSummary.file), PosteriorSummaryTable(posteriors));
    WriteCsv(run.File(kPosteriorComponents.file), ComponentsTable(posteriors));
    WriteCsv(run.File(kPosteriorCoverage.file), CoverageTable(coverages));
  });
}

}  // namespace denoscope
