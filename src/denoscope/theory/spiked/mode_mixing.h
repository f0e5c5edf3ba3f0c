// Neighbouring modes that PCA of n noisy samples mixes, where anisotropic_spikes.h, made for a
// smooth rest of the spectrum, reports neither of them although each is half seen.
//
// Two modes alone, l_k and l_j their noisy variances, D = l_k - l_j: their 2x2 sample covariance is
// diag(l_k, l_j) plus Gaussian errors of variance 2 l^2/n on the diagonal and l_k l_j / n beside
// it. Its leading eigenvector is turned by theta, tan(2 theta) = 2 b / (D + a), where (D + a, 2 b)
// is a plane Gaussian of mean (D, 0) and, for l_k near l_j, the same deviation 2 sqrt(l_k l_j / n)
// in both directions. In units of it, rho = |D| sqrt(n / (4 l_k l_j)), the mean direction is
//   E cos(2 theta) = sqrt(pi/8) rho exp(-rho^2/4) [I_0(rho^2/4) + I_1(rho^2/4)],
//   p(rho) = E cos^2(theta) = (1 + E cos(2 theta)) / 2:
// 1/2 for equal modes, 1 - l_k l_j / (n D^2) for distant ones, which is the first-order term of the
// anisotropic form. So each other mode j goes with a weight w to the near ones and with 1 - w to H:
//   cos^2 ~ prod_j [1 - w_j (1 - p(rho_j))] * l psi'/psi of the far ones,
// w falling linearly from 1 at rho = 2 to 0 at rho = 4, where both descriptions of one
// neighbour agree to 0.02.
//
// The product takes rotations by several neighbours as independent: a heuristic. Measured against
// simulation on Fashion-MNIST's spectrum (d = 784, modes 0 to 59): mean |difference| 0.013 at
// n = 1000, sigma 0.3 (anisotropic form 0.055, spiked 0.38), the simulation's errors 0.005.
// For d below about 50 noise itself counts as near. Cost O(d) a mode.
// Source: the mean direction of a plane Gaussian, Mardia & Jupp 2000 (projected normal); the rest
// ours.
#pragma once

#include <Eigen/Dense>

#include "denoscope/theory/spiked/anisotropic_spikes.h"

namespace denoscope {

double PairAlignment(double rho);  // p, rho >= 0

// cos^2 of mode k at noise level sigma >= 0; 0 when the far modes hide it.
double MixedAlignment(const CrowdedSpectrum& spectrum, Eigen::Index k, double sigma);

// The sigma at which that is 1/2, by bisection; 0 when it is below 1/2 for clean samples already.
double MixedAligningSigma(const CrowdedSpectrum& spectrum, Eigen::Index k);

}  // namespace denoscope
