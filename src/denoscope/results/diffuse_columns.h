// Tables of a diffuse study: docs/formats.md says what they hold.
#pragma once

#include "denoscope/results/table_spec.h"

namespace denoscope {

// Then ratio_1, ratio_2, ..: amplitudes of modes beside mode 0.
inline constexpr TableSpec kDiffuseSteps = {"steps.csv",
                                            {"schedule",
                                             "process",
                                             "step",
                                             "sigma",
                                             "cosine",
                                             "cosine_error",
                                             "diversity",
                                             "diversity_expected",
                                             "spread",
                                             "norm"}};

inline constexpr TableSpec kDiffuseSpectra = {
    "spectra.csv", {"process", "k", "lambda", "start", "output", "expected"}};

inline constexpr TableSpec kDiffuseCollapse = {"collapse.csv",
                                               {"schedule",
                                                "process",
                                                "cause",
                                                "status",
                                                "total",
                                                "start",
                                                "discretisation",
                                                "shrinkage",
                                                "misalignment",
                                                "predicted_misalignment"}};

inline constexpr TableSpec kDiffusePower = {"power.csv",
                                            {"schedule", "step", "sigma", "ratio_sum", "gap"}};

inline constexpr TableSpec kDiffuseDdim = {"ddim.csv",
                                           {"schedule", "levels", "gain_error", "variance_error"}};

inline constexpr TableSpec kDiffuseOperators = {"operators.csv",
                                                {"noise",
                                                 "regime",
                                                 "tau",
                                                 "sigma_first",
                                                 "sigma_last",
                                                 "k",
                                                 "diagonal",
                                                 "diagonal_error",
                                                 "ratio",
                                                 "consecutive",
                                                 "aligned",
                                                 "off_diagonal_share"}};

inline constexpr TableSpec kDiffuseBases = {"bases.csv",
                                            {"noise",
                                             "level",
                                             "sigma",
                                             "k",
                                             "alignment",
                                             "alignment_error",
                                             "energy",
                                             "energy_error",
                                             "consecutive"}};

inline constexpr TableSpec kDiffuseAssumption = {
    "assumption.csv",
    {"noise", "level", "sigma", "next_sigma", "off_diagonal", "off_diagonal_error"}};

}  // namespace denoscope
