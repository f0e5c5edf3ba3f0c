// What a run says noise level by noise level and mode by mode, put side by side: what the
// Jacobians foretell beside what was measured.
#pragma once

#include <vector>

#include "denoscope/files/csv.h"
#include "denoscope/results/records.h"

namespace denoscope {

// A row a noise level and PCA mode, from evaluations that measured gains:
//   resolved, foretold   R_k measured, and 1 - sigma^2 E[u_k^T J u_k] / E[(u_k^T (x - m))^2],
//                        equal for the least-squares optimum; _low, _high: 95 % over images,
//                        of `foretold` given `resolved`
//   calibration          sigma^2 E[u_k^T J u_k] / E[(u_k^T (x - D))^2], calibration_error
//   gain, gain_error, wiener_gain
//   above_wiener         (gain - wiener_gain) / gain_error: above some 3, no optimum
Table LedgerTable(const std::vector<Evaluation>& evaluations, const Reference& reference);

// A row a noise level. Of evaluations: errors, calibration, distance of J to Wiener's, share of the
// variance of D that Wiener explains, share of modes whose ledger agrees (calibration within
// 1.96 of its standard errors of 1: of an optimum 95 %). Of cells, means:
//   off_diagonal         share of |U^T E[J] U|_F^2 off the diagonal, leading modes
//   asymmetry, blind_share, homogeneous_share, blind_allowance, negative_mass, outside_mass
//   local_noise, local_images
//   travel_draws, travel_images   E|J_a - J_b|_F^2 / (2 E|J|_F^2) between draws of noise on one
//                        image, between images: 0 one map, 1 nothing in common
//   excess_share         sigma^2 E_x|anti(E_z J)|_F^2 / E|x - D|^2: excess error that the
//                        antisymmetric part of the noise-averaged J costs at least
// off_diagonal and those between cells come from products of different images or draws and so have
// no bias by the spread of J; they need two of them, else NaN. E|J_a - J_b|^2 is from sketches.
Table LevelsTable(const std::vector<Cell>& cells,
                  const std::vector<Evaluation>& evaluations,
                  const Reference& reference);

// A row a pair of noise levels, `from` below or above `to`: relative error, over modes, of gains at
// `to` foretold from J at `from` of the same image and draw by the Gaussian time update; of leaving
// them as they are; of taking Wiener's. |g - g'| / |g|, mean over cells.
Table TimeUpdateTable(const std::vector<Cell>& cells);

}  // namespace denoscope
