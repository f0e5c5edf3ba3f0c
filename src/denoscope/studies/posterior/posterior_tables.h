// The tables of a posterior study, from its units alone.
#pragma once

#include <vector>

#include "denoscope/files/csv.h"
#include "denoscope/results/posterior_record.h"

namespace denoscope {

// A row an image and noise level: variances in total and where they are, beside the error made.
Table PosteriorSummaryTable(const std::vector<Posterior>& posteriors);
// A row an image, noise level and component.
Table ComponentsTable(const std::vector<Posterior>& posteriors);

// A row a noise level, kind of direction and nominal level p of 0.5, 0.68, 0.9 and 0.95. With
// z = b^T (x - D) / sqrt(sigma^2 b^T J b): the share of |z| <= q, q the two-sided normal quantile
// of p, and the mean of z^2, 1 for an optimum. Directions whose variance is not above 0 have no z;
// they are a share of their own. Errors take an image as the unit: its directions go together.
Table CoverageTable(const std::vector<Coverage>& coverages);

}  // namespace denoscope
