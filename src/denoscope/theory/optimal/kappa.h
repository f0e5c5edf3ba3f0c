// What a linear denoiser learned from n clean samples is worth.
//
// Lambda (d) the spectrum of the true covariance Sigma, S the sample covariance of n clean samples,
// fresh noise sigma z. The plug-in denoiser D(y) = m + S(S + sigma^2)^-1 (y - m) behaves, for
// d, n -> infinity, as the Wiener denoiser of a larger noise kappa >= sigma^2:
//   sigma^2 = kappa (1 - df1/n),  df1 = sum lambda/(lambda + kappa),  df2 = sum of their squares,
//   E[S(S + sigma^2)^-1] ~ Sigma (Sigma + kappa)^-1: the mean gain of each mode.
// Its error is larger than that gain alone would make it, for the J of each sample errs at random.
// With T = sum lambda/(lambda + kappa)^2, so that kappa T = df1 - df2, and
// d kappa/d sigma^2 = 1/(1 - df2/n):
//   E|(I - J)(x - m)|^2 = sigma^4 E tr[Sigma (S + sigma^2)^-2] ~ kappa^2 T / (1 - df2/n),
//   E|J|_F^2 = d - 2 sigma^2 E tr(S + sigma^2)^-1 + sigma^4 E tr(S + sigma^2)^-2
//            ~ df2 + (kappa T)^2 / (n - df2),
//   E|x - D|^2 = the first + sigma^2 times the second, summed over the d entries.
// What it believes its error to be is sigma^2 tr J ~ sigma^2 df1, too little: over-confident.
// Mode by mode the same two terms are
//   E(u_k^T (x - D))^2 ~ lambda_k/(lambda_k + kappa)^2 [kappa^2 n/(n - df2)
//                        + sigma^2 (lambda_k + kappa^2 T/(n - df2))].
// Its mean gain of mode k is 1/2 at kappa = lambda_k, that is at
//   sigma^2 = lambda_k (1 - (1/n) sum_j lambda_j/(lambda_j + lambda_k)),
// below Wiener's lambda_k; where that is not positive, n samples show less than half of the mode
// without any noise. What it resolves out of sample, 1 - E(u_k^T (x - D))^2/lambda_k, has no such
// closed form and is halved by bisection.
//
// The denoiser regressed on n fixed pairs (x, y), one noise draw each, least squares (d < n) or
// its pseudo-inverse (d > n): x = W y + e with e independent of y, W Wiener's matrix with gains w,
// R = E|e|^2 the least error possible, l = lambda + sigma^2. With kappa = 0 for d < n, else from
// n = sum l/(l + kappa), and df2 = sum (l/(l + kappa))^2,
//   mean gains w l/(l + kappa),   E|x - D|^2 ~ [R + kappa^2 sum w^2 l/(l + kappa)^2] / (1 - df2/n).
// For d < n the gains are Wiener's and the error is exactly R (1 + d/(n - d - 1)), which we use. It
// has no mean for |d - n| <= 1; close to that (double descent) the limit is still rough and
// averages converge slowly.
//
// Both count n as if the mean were known. Centred on the sample mean, n samples count as n - 1, and
// the mean's own error adds 1/n of the first term (plug-in), or of all (regression).
// Cost: O(d) a step of the bisection, about 60 steps.
// Sources: Silverstein & Bai 1995; Ledoit & Peche 2011; for the second-order terms Dobriban & Wager
// 2018, Hastie, Montanari, Rosset & Tibshirani 2022, Bach 2024 (all on ridge regression).
#pragma once

#include <Eigen/Dense>
#include <cstdint>

namespace denoscope {

struct LearningProblem {
  Eigen::VectorXd lambda;  // (d), any order, >= 0, zeros included
  double sigma = 0;        // > 0
  std::int64_t n = 0;      // samples, >= 2
  bool centred = true;     // the mean is estimated from the same samples

  void Check() const;
};

struct LearnedDenoiser {
  double kappa = 0;          // plug-in: the noise it acts for; regression: its implicit ridge
  Eigen::VectorXd gains;     // (d), mean of u_k^T J u_k
  double mse = 0;            // E|x - D|^2 on fresh samples, summed over the d entries
  Eigen::VectorXd mode_mse;  // (d), E(u_k^T (x - D))^2; of the plug-in alone
  double belief = 0;         // sigma^2 E tr J, the error it expects of itself
  double mmse = 0;           // of the true Wiener denoiser, sigma^2 sum lambda/(lambda + sigma^2)
};

double EffectiveNoise(const LearningProblem& problem);  // kappa of the plug-in
LearnedDenoiser PlugInTheory(const LearningProblem& problem);
LearnedDenoiser RegressionTheory(const LearningProblem& problem);  // mse infinite where it has none

// Noise levels at which the plug-in denoiser of n samples halves: (d), 0 where it never does.
struct PlugInHalves {
  Eigen::VectorXd gain;      // of the mean gain
  Eigen::VectorXd resolved;  // of the resolved variance: the largest such level
};
// The problem's sigma is not looked at. Cost: O(d^2), O(20 d^2) for the resolved variance.
PlugInHalves HalvesOfPlugIn(const LearningProblem& problem);

}  // namespace denoscope
