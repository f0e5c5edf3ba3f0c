// How a spectrum decays: the power law lambda_k ~ a (k + 1)^-b, and how many modes hold its
// variance. k counts from 0.
//
// Fit: least squares of log lambda on log(k + 1) over the modes first .. last - 1, each with the
// same weight, so that the many small ones decide; state the range with the result. Neighbouring
// residuals of a real spectrum go together, and the textbook standard error, made for independent
// ones, is far too small. Hence a moving-block bootstrap: blocks of consecutive residuals, length
// N^(1/2), are drawn and laid end to end on the fitted line, and b is fitted again. With curvature
// rather than scatter left over it measures how far b depends on the range; it knows nothing of
// the sampling error of the eigenvalues, which is common to all modes. Source: Kuensch 1989.
#pragma once

#include <Eigen/Dense>
#include <cstdint>

#include "denoscope/theory/frequency/emergence.h"

namespace denoscope {

struct PowerLawOptions {
  Eigen::Index first = 0;         // >= 0
  Eigen::Index last = 0;          // one past the end, >= first + 3; 0: all
  std::int64_t replicates = 500;  // >= 20
  double level = 0.95;            // of the interval, within (0,1)
  std::uint64_t seed = 0;

  void Check(Eigen::Index modes) const;
};

struct PowerLaw {
  Eigen::Index first = 0, last = 0;  // the range fitted
  double amplitude = 0;              // a
  double exponent = 0;               // b
  double exponent_error = 0;         // one standard error
  Interval exponent_interval;
  double r2 = 0;         // share of the variance of log lambda; 1 of a flat spectrum
  double rms_error = 0;  // of log lambda
};

// Throws when an eigenvalue of the range is not above 0.
PowerLaw FitPowerLaw(const Eigen::VectorXd& lambda, const PowerLawOptions& options);

// Shares are of `total_variance`, or of the sum of lambda when that is 0; with leading modes alone
// pass the total.
struct EffectiveDimension {
  double participation = 0;  // (sum lambda)^2 / sum lambda^2; an upper bound from leading modes
  // Least number of leading modes that hold 90, 95, 99 % of the variance; -1 when those given
  // do not.
  Eigen::Index modes_90 = -1, modes_95 = -1, modes_99 = -1;
};
EffectiveDimension MeasureDimension(const Eigen::VectorXd& lambda, double total_variance = 0);

// All d eigenvalues from the leading ones and their total: the rest follows the power law that goes
// on from the last of them and holds what is left of the variance, b >= 0; flat where even that is
// too little. `leading` descending, its last above 0 unless nothing is left.
Eigen::VectorXd CompletedSpectrum(const Eigen::VectorXd& leading,
                                  double total_variance,
                                  Eigen::Index d);

}  // namespace denoscope
