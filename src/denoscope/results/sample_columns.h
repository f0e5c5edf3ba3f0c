// Tables of a sampling run: docs/formats.md says what they hold.
#pragma once

#include "denoscope/results/emergence_columns.h"

namespace denoscope {

inline constexpr TableSpec kSamplePaths = {
    "paths.csv", {"process", "sample", "diverged", "finished", "last_sigma"}};

// Then ratio_1, ratio_2, ..: amplitudes of modes beside mode 0.
inline constexpr TableSpec kSampleSteps = {"steps.csv",
                                           {"process",
                                            "state",
                                            "sigma",
                                            "cosine",
                                            "cosine_error",
                                            "mean_cosine",
                                            "diversity",
                                            "diversity_expected",
                                            "spread",
                                            "norm",
                                            "change"}};

inline constexpr TableSpec kSampleCollapse = {
    "collapse.csv",
    {"process", "total", "start", "discretisation", "shrinkage", "network", "cause", "status"}};

inline constexpr TableSpec kSampleCurves = {"emergence_steps.csv",
                                            {"process",
                                             "along",
                                             "k",
                                             "sigma",
                                             "energy",
                                             "energy_error",
                                             "correlation",
                                             "correlation_error",
                                             "state_correlation",
                                             "chance"}};

inline constexpr TableSpec kSampleHalves = {"path_emergence.csv",
                                            {"along",
                                             "k",
                                             "lambda",
                                             "frequency",
                                             "deep_energy",
                                             "deep_energy_low",
                                             "deep_energy_high",
                                             "deep_energy_censored",
                                             "deep_correlation",
                                             "deep_correlation_low",
                                             "deep_correlation_high",
                                             "deep_correlation_censored",
                                             "linear_energy",
                                             "linear_energy_low",
                                             "linear_energy_high",
                                             "linear_energy_censored",
                                             "linear_correlation",
                                             "linear_correlation_low",
                                             "linear_correlation_high",
                                             "linear_correlation_censored"}};

inline constexpr TableSpec kSampleStatistics = {"path_statistics.csv", kStatistics.columns};

inline constexpr TableSpec kSampleFixedPoints = {"fixed_points.csv",
                                                 {"sample",
                                                  "moves",
                                                  "eigenvalue",
                                                  "eigenvalue_error",
                                                  "cos_u0",
                                                  "cos_mean",
                                                  "cos_v",
                                                  "step_cos_v",
                                                  "step_cos_Js",
                                                  "step_factor",
                                                  "v_cos_u0",
                                                  "v_cos_mean"}};

}  // namespace denoscope
