// Tables of a posterior study: docs/formats.md says what they hold.
#pragma once

#include "denoscope/results/table_spec.h"

namespace denoscope {

inline constexpr TableSpec kPosteriorSummary = {"summary.csv",
                                                {"image",
                                                 "sigma",
                                                 "total_variance",
                                                 "total_error",
                                                 "squared_error",
                                                 "exact",
                                                 "negative_pixels",
                                                 "asymmetry",
                                                 "components",
                                                 "converged",
                                                 "applications",
                                                 "status"}};

inline constexpr TableSpec kPosteriorComponents = {
    "posterior.csv",
    {"image", "sigma", "k", "variance", "bound", "share", "angle_bound", "cluster"}};

inline constexpr TableSpec kPosteriorCoverage = {"coverage.csv",
                                                 {"sigma",
                                                  "kind",
                                                  "level",
                                                  "covered",
                                                  "covered_error",
                                                  "mean_square",
                                                  "mean_square_error",
                                                  "without_variance",
                                                  "images",
                                                  "directions"}};

}  // namespace denoscope
