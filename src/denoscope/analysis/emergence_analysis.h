// Which modes emerge first? From a run's evaluations and cells: the noise level at which each PCA
// mode is half resolved, deep and linear side by side, and how those levels go with variance and
// frequency.
//
// Any shrinker orders modes by variance, and on images variance falls with frequency. A rank
// correlation of -0.9 with frequency is therefore no evidence by itself: the partial correlation
// given lambda, the slope of log sigma_half on log lambda (Wiener: 1/2) and the spread stand beside
// it.
#pragma once

#include <cstdint>
#include <vector>

#include "denoscope/results/records.h"

namespace denoscope {

constexpr std::int64_t kLeastImagesForIntervals = 8;

struct EmergenceOptions {
  std::int64_t replicates = 200;  // bootstrap over images, then draws, for gains
  std::uint64_t seed = 0;
};

// sigmas ascend; cells hold every (image, sigma, draw). Resolved levels are not computed without
// evaluations. Intervals of gains need kLeastImagesForIntervals images; with fewer, the levels of
// each image alone are kept instead (image_halves).
Emergence AnalyzeEmergence(const std::vector<double>& sigmas,
                           const std::vector<Cell>& cells,
                           const std::vector<Evaluation>& evaluations,
                           const Reference& reference,
                           const EmergenceOptions& options);

}  // namespace denoscope
