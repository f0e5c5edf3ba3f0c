// Tables of a run of analyze, and of the states of a sampling run: docs/formats.md says what they
// hold. Those of levels of emergence: emergence_columns.h.
#pragma once

#include "denoscope/results/table_spec.h"

namespace denoscope {

// Then the scalars of a spectrum, the denoiser's and Wiener's.
inline constexpr TableSpec kSweepSummary = {"summary.csv", {"image", "sigma", "draw"}};

inline constexpr TableSpec kSweepLevels = {"levels.csv",
                                           {"sigma",
                                            "mse",
                                            "mse_error",
                                            "linear_mse",
                                            "calibration",
                                            "calibration_error",
                                            "distance",
                                            "distance_error",
                                            "linear_explained",
                                            "ledger_agrees",
                                            "off_diagonal",
                                            "asymmetry",
                                            "blind_share",
                                            "homogeneous_share",
                                            "blind_allowance",
                                            "negative_mass",
                                            "outside_mass",
                                            "local_noise",
                                            "local_images",
                                            "travel_draws",
                                            "travel_images",
                                            "excess_share"}};

inline constexpr TableSpec kSweepLedger = {"ledger.csv",
                                           {"sigma",
                                            "k",
                                            "lambda",
                                            "resolved",
                                            "resolved_low",
                                            "resolved_high",
                                            "foretold",
                                            "foretold_low",
                                            "foretold_high",
                                            "calibration",
                                            "calibration_error",
                                            "gain",
                                            "gain_error",
                                            "wiener_gain",
                                            "above_wiener"}};

inline constexpr TableSpec kSweepTimeUpdate = {"time_update.csv",
                                               {"from", "to", "foretold", "unchanged", "wiener"}};

inline constexpr TableSpec kSweepAlignment = {"alignment.csv",
                                              {"sigma",
                                               "k",
                                               "sin_pca",
                                               "sin_pca_error",
                                               "sin_pca_block",
                                               "sin_pca_block_error",
                                               "sin_pca_matched",
                                               "sin_pca_matched_error",
                                               "sin_start",
                                               "sin_start_error",
                                               "sin_start_block",
                                               "sin_start_block_error",
                                               "sin_start_matched",
                                               "sin_start_matched_error",
                                               "sin_chance",
                                               "sin_chance_matched"}};

inline constexpr TableSpec kSweepSubspaces = {
    "subspaces.csv", {"sigma", "r", "pca", "start", "draws", "images", "chance"}};

inline constexpr TableSpec kSweepTracks = {"tracks.csv",
                                           {"image",
                                            "draw",
                                            "mode",
                                            "sigma",
                                            "k",
                                            "eigenvalue",
                                            "frequency",
                                            "overlap",
                                            "to_start",
                                            "kept",
                                            "event"}};

}  // namespace denoscope
