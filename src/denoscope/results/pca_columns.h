// Tables of a PCA study: docs/formats.md says what they hold.
#pragma once

#include "denoscope/results/table_spec.h"

namespace denoscope {

inline constexpr TableSpec kPcaSpectrum = {"spectrum.csv",
                                           {"k",
                                            "lambda",
                                            "lambda_error",
                                            "measured",
                                            "share_up_to_here",
                                            "frequency",
                                            "sigma_half",
                                            "reference_cos2"}};

inline constexpr TableSpec kPcaPowerLaw = {"power_law.csv",
                                           {"first_mode",
                                            "last_mode",
                                            "amplitude",
                                            "exponent",
                                            "exponent_error",
                                            "exponent_low",
                                            "exponent_high",
                                            "r2",
                                            "rms_error_of_log"}};

inline constexpr TableSpec kPcaWiener = {"wiener.csv",
                                         {"sigma",
                                          "noisy_mse",
                                          "wiener_trace",
                                          "wiener_mse",
                                          "held_out_mse",
                                          "held_out_mse_error",
                                          "projection_rank",
                                          "projection_mse"}};

inline constexpr TableSpec kPcaGains = {"gains.csv", {"sigma", "k", "gain"}};

inline constexpr TableSpec kPcaAlignment = {"alignment.csv",
                                            {"n",
                                             "sigma",
                                             "k",
                                             "lambda",
                                             "images_cos2",
                                             "images_cos2_error",
                                             "images_matched_cos2",
                                             "images_matched_cos2_error",
                                             "images_sin_theta",
                                             "images_sin_theta_error",
                                             "gaussian_cos2",
                                             "gaussian_cos2_error",
                                             "gaussian_matched_cos2",
                                             "gaussian_matched_cos2_error",
                                             "gaussian_sin_theta",
                                             "gaussian_sin_theta_error",
                                             "cos2_spiked",
                                             "cos2_anisotropic",
                                             "cos2_mixed"}};

inline constexpr TableSpec kPcaTheory = {
    "alignment_theory.csv",
    {"n", "k", "sigma", "cos2_spiked", "cos2_anisotropic", "cos2_mixed", "wiener_gain"}};

inline constexpr TableSpec kPcaSubspaces = {"subspaces.csv",
                                            {"n",
                                             "sigma",
                                             "rank",
                                             "images_share",
                                             "images_share_error",
                                             "gaussian_share",
                                             "gaussian_share_error",
                                             "chance"}};

inline constexpr TableSpec kPcaAboveEdge = {
    "above_edge.csv",
    {"n", "sigma", "predicted", "images", "images_error", "gaussian", "gaussian_error"}};

inline constexpr TableSpec kPcaAligning = {"aligning.csv",
                                           {"n",
                                            "k",
                                            "lambda",
                                            "frequency",
                                            "sigma_critical_spiked",
                                            "sigma_critical_anisotropic",
                                            "sigma_aligning_spiked",
                                            "sigma_aligning_anisotropic",
                                            "sigma_aligning_mixed",
                                            "images_own",
                                            "images_own_low",
                                            "images_own_high",
                                            "images_own_draws_crossed",
                                            "images_own_censored",
                                            "images_matched",
                                            "images_matched_low",
                                            "images_matched_high",
                                            "images_matched_draws_crossed",
                                            "images_matched_censored",
                                            "gaussian_own",
                                            "gaussian_own_low",
                                            "gaussian_own_high",
                                            "gaussian_own_draws_crossed",
                                            "gaussian_own_censored",
                                            "gaussian_matched",
                                            "gaussian_matched_low",
                                            "gaussian_matched_high",
                                            "gaussian_matched_draws_crossed",
                                            "gaussian_matched_censored"}};

inline constexpr TableSpec kPcaStatistics = {"statistics.csv",
                                             {"n",
                                              "samples",
                                              "measure",
                                              "modes",
                                              "below",
                                              "above",
                                              "rank_lambda",
                                              "slope",
                                              "rank_frequency",
                                              "rank_frequency_modes_low",
                                              "rank_frequency_modes_high",
                                              "rank_frequency_draws_low",
                                              "rank_frequency_draws_high",
                                              "partial_frequency",
                                              "partial_frequency_modes_low",
                                              "partial_frequency_modes_high",
                                              "partial_frequency_draws_low",
                                              "partial_frequency_draws_high"}};

inline constexpr TableSpec kPcaTheories = {"theories.csv",
                                           {"n",
                                            "samples",
                                            "theory",
                                            "points",
                                            "mean_gap",
                                            "mean_error",
                                            "greatest_gap",
                                            "at_sigma",
                                            "at_k",
                                            "simulated_there",
                                            "theory_there"}};

}  // namespace denoscope
