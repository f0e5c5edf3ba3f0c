// When does a direction emerge as noise falls? The noise level at which a falling curve over sigma
// passes one half, with honest censoring, and statistics of those levels over directions.
#pragma once

#include <cstdint>
#include <vector>

#include "denoscope/base/censoring.h"

namespace denoscope {

struct Crossing {
  double sigma = 0;  // NaN unless censored is kNone
  Censoring censored = Censoring::kNoCrossing;
};

// The largest sigma at which `values` falls through `threshold`, by linear interpolation of the
// value over log sigma. sigmas ascend. A curve that starts below the threshold at the smallest
// sigma, rises through it and falls again still crosses at its last fall; one that is below it
// everywhere is kBelow; above it everywhere (or at the largest sigma) is kAbove. "Above" includes
// equal; any value that is not finite makes the curve kNoCrossing. Throws unless sigmas are
// positive, ascending and as many as the values, at least one.
Crossing LastFall(const std::vector<double>& sigmas,
                  const std::vector<double>& values,
                  double threshold);

// Statistics of pairs; each NaN when fewer than three pairs, no variation or a NaN among them. Ties
// share their mean rank.
double RankCorrelation(const std::vector<double>& a, const std::vector<double>& b);  // Spearman
// Spearman's correlation of a and b given c: of the rank residuals. NaN when c determines either.
double PartialRankCorrelation(const std::vector<double>& a,
                              const std::vector<double>& b,
                              const std::vector<double>& c);
double Slope(const std::vector<double>& x, const std::vector<double>& y);  // least squares, y on x

double StandardDeviation(const std::vector<double>& x);  // divisor n - 1, NaN below two values

struct Interval {
  double low = 0, high = 0;
};
// The central `level` of a bootstrap distribution, NaN entries left out; NaN below 20 of them.
Interval PercentileInterval(std::vector<double> replicates, double level = 0.95);

}  // namespace denoscope
