#include "denoscope/report/posterior/posterior_run.h"

#include "denoscope/results/posterior_columns.h"

namespace denoscope {

PosteriorRun ReadPosteriorRun(const RunFolder& run) {
  const Json& manifest = run.Manifest();
  const std::filesystem::path file = run.Path() / "run.json";
  const Json options = JsonField<Json>(manifest["identity"], "options", file);
  const auto images = JsonField<std::vector<std::int64_t>>(options, "images", file);
  PosteriorRun posterior;
  posterior.subject = SubjectOf(manifest["identity"]);
  posterior.images = static_cast<std::int64_t>(images.size());
  posterior.probes = JsonField<std::int64_t>(options, "probes", file);
  posterior.sigmas = JsonField<std::vector<double>>(options, "sigmas", file);
  posterior.posteriors = ReadPosteriors(run, images, posterior.sigmas);
  posterior.coverage = run.ReadTable(kPosteriorCoverage);
  if (JsonField<std::int64_t>(options, "coverage_images", file) > 0)
    posterior.coverages = ReadCoverages(run, posterior.sigmas);
  posterior.outside_training = manifest.value("outside_training", "");
  posterior.no_pca_directions = manifest.value("no_pca_directions", "");
  return posterior;
}

}  // namespace denoscope
