// PCA of n noisy samples when the spectrum is crowded: every mode swims in the noise *and* in all
// other modes.
//
// lambda (d), the whole spectrum of the clean data, zeros included; l_j = lambda_j + sigma^2 the
// noisy one. For a mode l, with H the rest of the noisy spectrum (mode k itself left out),
//   psi(l)  = l [1 + gamma int x dH(x) / (l - x)] = l [1 + 1/n sum_{j != k} l_j / (l - l_j)],
//   psi'(l) = 1 - 1/n sum_{j != k} l_j^2 / (l - l_j)^2.
// Mode k is visible iff psi'(l_k) > 0; its sample eigenvalue is then psi(l_k) and
//   cos^2 = <u_hat_k, u_k>^2 = l_k psi'(l_k) / psi(l_k).
// With H = {sigma^2} these are the formulas of spiked_covariance.h. Modes that are equal hide each
// other: only their common subspace could be seen, and psi' says so. psi' > 0 implies psi > 0: each
// of the m larger modes adds more than 1 to the sum of squares, so m < n, and by Cauchy & Schwarz
// their sum in psi is above -sqrt(m n) > -n.
//
// Both levels of noise have closed forms, for l_k - l_j = lambda_k - lambda_j =: D_j does not
// depend on v = sigma^2: psi' = 0 is the quadratic sum_j (lambda_j + v)^2 / D_j^2 = n, and
// cos^2 = 1/2, that is psi' = psi / (2 l), is
//   sum_j [(lambda_j + v)^2 / D_j^2 + (lambda_j + v) / (2 D_j)] = n/2,
// whose left side grows with v (its derivative is sum (l_k + 3 l_j) / (2 D_j^2)): one root.
//
// Assumption: H is smooth at the scale of one mode. Where one close neighbour makes up the sum,
// mode_mixing.h does better; simulation knows. Cost O(d) a mode.
// Sources: Silverstein & Choi 1995 (psi); Bai & Yao 2012, sec. 3-4; Mestre 2008; Benaych-Georges &
// Nadakuditi 2011. Our deviation: H leaves out mode k of the finite spectrum, the other visible
// modes stay in it.
#pragma once

#include <Eigen/Dense>
#include <cstdint>

namespace denoscope {

struct CrowdedSpectrum {
  Eigen::VectorXd lambda;  // (d), any order, >= 0
  std::int64_t n = 0;      // samples, >= 1; centred on their mean, n samples count as n - 1

  void CheckMode(Eigen::Index k, double sigma = 0) const;  // of all, 0 <= k < d, sigma >= 0
};

struct CrowdedMode {
  bool visible = false;
  double eigenvalue = 0;  // psi(l_k), of the sample covariance; NaN when not visible
  double alignment = 0;   // cos^2; 0 when not visible
};

// Mode k at noise level sigma >= 0.
CrowdedMode SeeMode(const CrowdedSpectrum& spectrum, Eigen::Index k, double sigma);

// The largest sigma at which mode k is visible, and the one at which its cos^2 is 1/2; 0 when not
// even clean samples show (align) it.
double CrowdedCriticalSigma(const CrowdedSpectrum& spectrum, Eigen::Index k);
double CrowdedAligningSigma(const CrowdedSpectrum& spectrum, Eigen::Index k);

}  // namespace denoscope
