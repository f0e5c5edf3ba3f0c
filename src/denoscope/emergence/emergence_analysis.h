// Which modes emerge first? From a run's evaluations and cells: the noise level at which each PCA
// mode and each band of the DCT is half resolved, deep and linear side by side, and how those
// levels go with variance and frequency.
//
// Any shrinker orders modes by variance, and on images variance falls with frequency. A rank
// correlation of -0.9 with frequency is therefore no evidence by itself: the partial correlation
// given lambda, the slope of log sigma_half on log lambda (Wiener: 1/2) and the spread stand beside
// it. And any denoiser, even the identity, has R_k = 1/2 where its error is half of lambda_k: the
// nulls stand beside them too.
#pragma once

#include <cstdint>
#include <vector>

#include "denoscope/results/records.h"

namespace denoscope {

struct EmergenceOptions {
  std::int64_t replicates = 200;  // bootstrap over images, then draws, for gains
  std::uint64_t seed = 0;
};

struct NullEvaluations {
  std::string name;
  std::vector<Evaluation> evaluations;  // by ascending sigma
};

// sigmas ascend; cells hold every (image, sigma, draw). Resolved levels and those of bands are not
// computed without evaluations. Intervals of what comes from cells need kLeastImages
// images; with fewer, the levels of each image alone are kept instead (image_halves).
Emergence AnalyzeEmergence(const std::vector<double>& sigmas,
                           const std::vector<Cell>& cells,
                           const std::vector<Evaluation>& evaluations,
                           const Reference& reference,
                           const EmergenceOptions& options,
                           const std::vector<NullEvaluations>& nulls = {});

}  // namespace denoscope
