#include "denoscope/studies/sweep/sweep_options.h"

#include <algorithm>
#include <set>

#include "denoscope/runs/study_data.h"
#include "denoscope/theory/optimal/wiener.h"

namespace denoscope {

void SweepOptions::Check() const {
  if (images.empty() || draws < 1 || modes < 1 || spectrum.vectors < 1)
    throw Error("analyze: expected at least one image, draw, mode and vector, found {}, {}, {}, {}",
                images.size(),
                draws,
                modes,
                spectrum.vectors);
  if (std::set<std::int64_t>(images.begin(), images.end()).size() != images.size())
    throw Error("analyze: an image is given twice");
  CheckSigmas("analyze", sigmas);
  if (shards < 1 || shard < 0 || shard >= shards)
    throw Error("analyze: shard {} of {} does not exist", shard, shards);
  jacobian.Check();
  evaluation.Check();
}

SweepOptions ResolveSweep(SweepOptions options, const AnalysisInput& input) {
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

}  // namespace denoscope
