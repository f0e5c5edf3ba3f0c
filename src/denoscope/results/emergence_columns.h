// Tables of levels of emergence: docs/formats.md says what they hold.
#pragma once

#include "denoscope/results/table_spec.h"

namespace denoscope {

inline constexpr TableSpec kModeHalves = {"emergence.csv",
                                          {"k",
                                           "lambda",
                                           "frequency",
                                           "sigma_critical",
                                           "deep_half_resolved",
                                           "deep_half_resolved_low",
                                           "deep_half_resolved_high",
                                           "deep_half_resolved_censored",
                                           "deep_half_gain",
                                           "deep_half_gain_low",
                                           "deep_half_gain_high",
                                           "deep_half_gain_censored",
                                           "deep_half_gain_relative",
                                           "deep_half_gain_relative_low",
                                           "deep_half_gain_relative_high",
                                           "deep_half_gain_relative_censored",
                                           "linear_half_resolved",
                                           "linear_half_resolved_low",
                                           "linear_half_resolved_high",
                                           "linear_half_resolved_censored",
                                           "linear_half_gain",
                                           "linear_half_gain_low",
                                           "linear_half_gain_high",
                                           "linear_half_gain_censored",
                                           "linear_half_gain_relative",
                                           "linear_half_gain_relative_low",
                                           "linear_half_gain_relative_high",
                                           "linear_half_gain_relative_censored"}};
inline constexpr TableSpec kBandHalves = {"emergence_bands.csv", kModeHalves.columns};

inline constexpr TableSpec kStatistics = {"statistics.csv",
                                          {"denoiser",
                                           "measure",
                                           "modes",
                                           "censored",
                                           "rank_lambda",
                                           "rank_lambda_low",
                                           "rank_lambda_high",
                                           "rank_frequency",
                                           "rank_frequency_low",
                                           "rank_frequency_high",
                                           "partial_frequency",
                                           "partial_frequency_low",
                                           "partial_frequency_high",
                                           "slope",
                                           "slope_low",
                                           "slope_high",
                                           "spread",
                                           "spread_low",
                                           "spread_high"}};

}  // namespace denoscope
