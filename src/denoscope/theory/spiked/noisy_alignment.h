// When do bases learned from noisy samples align, and does that follow frequency? Statistics over
// the draws of LearnNoisyBases.
//
// The aligning sigma of mode k is the largest at which cos^2, averaged over draws, falls through
// 1/2. The draws are few, and a single draw of two crowded modes may swap them and cross elsewhere:
// so the interval is the jackknife's, log sigma -+ t s, s from the crossings of the means that
// leave one draw out, t Student's. Source: Tukey 1958; Miller 1974. Modes are then compared by
// rank. As lambda orders any such alignment, and frequency goes with lambda on images, a
// correlation with frequency is no evidence by itself: the partial correlation given lambda and the
// slope of log sigma on log lambda stand beside it (a lone spike: 1/2).
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <functional>
#include <vector>

#include "denoscope/theory/frequency/emergence.h"
#include "denoscope/theory/spiked/noisy_basis.h"

namespace denoscope {

// A number for each mode of a basis, (K).
using BasisMeasure = std::function<Eigen::VectorXd(const NoisyBasis&)>;
Eigen::VectorXd SquaredCosines(const NoisyBasis& basis);
Eigen::VectorXd SquaredMatched(const NoisyBasis& basis);  // cos^2 of the matched vectors
Eigen::VectorXd Sines(const NoisyBasis& basis);           // sin(theta_k) of v_k and u_k

struct MeanOverDraws {
  Eigen::MatrixXd mean;   // (K, sigmas)
  Eigen::MatrixXd error;  // one standard error, (K, sigmas); NaN of a single draw
};
MeanOverDraws AverageOverDraws(const NoisyBases& bases, const BasisMeasure& measure);

struct AligningLevel {
  Crossing crossing;         // of the mean over draws
  Interval interval;         // 95 %; NaN of one draw, or when a mean of the others is censored
  std::int64_t crossed = 0;  // draws that cross within the range alone
};
std::vector<AligningLevel> AligningLevels(const NoisyBases& bases, const BasisMeasure& measure);

struct ModeTruth {
  std::vector<double> lambda, frequency;  // of the reference's modes, (K)
};

struct AlignmentOptions {
  std::int64_t replicates = 1000;  // of each bootstrap, >= 20
  std::uint64_t seed = 0;
};

// Of the aligning sigmas with the modes' truth; censored modes are counted and left out. Intervals
// are 95 % percentiles of two bootstraps: over modes (pairs drawn with replacement: another set of
// directions) and over draws (whole draws: another noise; coarse below 10 draws, NaN of one).
struct AlignmentStatistics {
  std::int64_t modes = 0, below = 0, above = 0;  // used; censored below and above the range
  double rank_frequency = 0, rank_lambda = 0;    // NaN below 3 modes
  double partial_frequency = 0;                  // given lambda
  double slope = 0;                              // of log sigma on log lambda
  Interval frequency_over_modes, frequency_over_draws;
  Interval partial_over_modes, partial_over_draws;
};
AlignmentStatistics RelateAlignment(const NoisyBases& bases,
                                    const BasisMeasure& measure,
                                    const ModeTruth& truth,
                                    const AlignmentOptions& options);

}  // namespace denoscope
