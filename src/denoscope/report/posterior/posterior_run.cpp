#include "denoscope/report/posterior/posterior_run.h"

#include "denoscope/results/posterior_columns.h"

namespace denoscope {

PosteriorRun ReadPosteriorRun(const RunFolder& run) {
  const Json& manifest = run.Manifest();
  const Json& options = manifest["identity"]["options"];
  PosteriorRun posterior;
  posterior.subject = SubjectOf(manifest["identity"]);
  posterior.posteriors = ReadPosteriors(run);
  posterior.coverage = run.ReadTable(kPosteriorCoverage);
  posterior.coverages = ReadCoverages(run);
  posterior.outside_training = manifest.value("outside_training", "");
  posterior.no_pca_directions = manifest.value("no_pca_directions", "");
  posterior.images = static_cast<std::int64_t>(options["images"].size());
  posterior.probes = options["probes"].get<std::int64_t>();
  posterior.sigmas = options["sigmas"].get<std::vector<double>>();
  return posterior;
}

}  // namespace denoscope
