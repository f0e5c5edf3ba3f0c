#include "denoscope/theory/frequency/power_law.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr Index kFewestModes = 3;
constexpr std::int64_t kFewestReplicates = 20;
constexpr double kSlack = 1e-12;  // of a share: rounding must not cost a mode

// The least-squares line through the points (log(k + 1), y).
class Line {
 public:
  Line(Index first, Index last) : x_(last - first) {
    for (Index k = first; k < last; ++k) x_(k - first) = std::log(k + 1.0);
    mean_ = x_.mean();
    centred_ = x_.array() - mean_;
  }
  double Slope(const VectorXd& y) const { return centred_.dot(y) / centred_.squaredNorm(); }
  double Intercept(const VectorXd& y) const { return y.mean() - Slope(y) * mean_; }
  VectorXd At(double intercept, double slope) const { return intercept + slope * x_.array(); }

 private:
  VectorXd x_, centred_;
  double mean_ = 0;
};

VectorXd Logarithms(const VectorXd& lambda, Index first, Index last) {
  for (Index k = first; k < last; ++k) {
    if (std::isfinite(lambda(k)) && lambda(k) > 0) continue;
    throw Error(
        "power law of modes {} to {}: eigenvalue {} is {}, expected a finite number above 0",
        first,
        last - 1,
        k,
        lambda(k));
  }
  return lambda.segment(first, last - first).array().log();
}

// N residuals from blocks of consecutive ones, their mean removed: not every residual is in as
// many blocks as every other.
VectorXd BlockResample(const VectorXd& residuals, RandomStream& random) {
  const Index N = residuals.size();
  const Index length = std::max<Index>(1, std::llround(std::sqrt(static_cast<double>(N))));
  VectorXd drawn(N);
  for (Index begin = 0; begin < N; begin += length) {
    const Index size = std::min(length, N - begin);
    const auto from = static_cast<Index>(random.Below(static_cast<std::uint64_t>(N - length + 1)));
    drawn.segment(begin, size) = residuals.segment(from, size);
  }
  return drawn.array() - drawn.mean();
}

std::vector<double> ReplicateExponents(const Line& line,
                                       const VectorXd& fitted,
                                       const VectorXd& residuals,
                                       const PowerLawOptions& options) {
  std::vector<double> exponents;
  for (std::int64_t i = 0; i < options.replicates; ++i) {
    RandomStream random(options.seed, "power law", static_cast<std::uint64_t>(i));
    exponents.push_back(-line.Slope(fitted + BlockResample(residuals, random)));
  }
  return exponents;
}

}  // namespace

void PowerLawOptions::Check(Index modes) const {
  const Index end = last == 0 ? modes : last;
  if (first < 0 || end > modes || end < first + kFewestModes) {
    throw Error("power law of {} modes: range is {} to {}, expected at least {} modes of them",
                modes,
                first,
                end,
                kFewestModes);
  }
  if (replicates < kFewestReplicates) {
    throw Error("power law: replicates is {}, expected at least {}", replicates, kFewestReplicates);
  }
  if (!(level > 0 && level < 1)) {
    throw Error("power law: level is {}, expected between 0 and 1", level);
  }
}

PowerLaw FitPowerLaw(const VectorXd& lambda, const PowerLawOptions& options) {
  options.Check(lambda.size());
  PowerLaw law;
  law.first = options.first;
  law.last = options.last == 0 ? lambda.size() : options.last;
  const VectorXd y = Logarithms(lambda, law.first, law.last);
  const Line line(law.first, law.last);
  const double slope = line.Slope(y), intercept = line.Intercept(y);
  const VectorXd fitted = line.At(intercept, slope), residuals = y - fitted;
  law.amplitude = std::exp(intercept);
  law.exponent = -slope;
  const double spread = (y.array() - y.mean()).square().sum();
  law.r2 = spread > 0 ? 1 - residuals.squaredNorm() / spread : 1;
  law.rms_error = std::sqrt(residuals.squaredNorm() / static_cast<double>(y.size()));
  const std::vector<double> exponents = ReplicateExponents(line, fitted, residuals, options);
  law.exponent_error = StandardDeviation(exponents);
  law.exponent_interval = PercentileInterval(exponents, options.level);
  return law;
}

EffectiveDimension MeasureDimension(const VectorXd& lambda, double total_variance) {
  const double sum = lambda.sum();
  const double total = total_variance == 0 ? sum : total_variance;
  if (lambda.size() == 0 || !lambda.allFinite() || lambda.minCoeff() < 0 || !(sum > 0)) {
    throw Error(
        "effective dimension of {} eigenvalues: expected finite ones of at least 0, not "
        "all 0",
        lambda.size());
  }
  // Total and eigenvalues come from different sums, the leading ones in float32.
  if (!(total >= sum * (1 - 1e-4))) {
    throw Error(
        "effective dimension: total variance is {}, expected at least that of the given "
        "modes, {}",
        total,
        sum);
  }
  EffectiveDimension dimension;
  dimension.participation = total * total / lambda.squaredNorm();
  double held = 0;
  for (Index k = 0; k < lambda.size(); ++k) {
    held += lambda(k);
    const double share = held / total + kSlack;
    if (share >= 0.90 && dimension.modes_90 < 0) dimension.modes_90 = k + 1;
    if (share >= 0.95 && dimension.modes_95 < 0) dimension.modes_95 = k + 1;
    if (share >= 0.99 && dimension.modes_99 < 0) dimension.modes_99 = k + 1;
  }
  return dimension;
}

VectorXd CompletedSpectrum(const VectorXd& leading, double total_variance, Index d) {
  const Index K = leading.size();
  const double rest = total_variance - leading.sum();
  if (K < 1 || K > d || !leading.allFinite() || leading.minCoeff() < 0) {
    throw Error(
        "completed spectrum: {} eigenvalues of {}, expected 1 to {}, finite ones of at "
        "least 0",
        K,
        d,
        d);
  }
  VectorXd lambda = VectorXd::Zero(d);
  lambda.head(K) = leading;
  // Rounding alone, as in MeasureDimension.
  if (K == d || !(rest > 1e-4 * total_variance) || !(leading(K - 1) > 0)) return lambda;
  const VectorXd steps = VectorXd::LinSpaced(d - K, K + 1.0, static_cast<double>(d)).array().log() -
                         std::log(static_cast<double>(K));
  const auto tail = [&](double exponent) -> VectorXd {
    return leading(K - 1) * (-exponent * steps.array()).exp();
  };
  double low = 0, high = 1;
  while (tail(high).sum() > rest && high < 1e6) high *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (tail(middle).sum() > rest ? low : high) = middle;
  }
  lambda.tail(d - K) = tail(high);
  return lambda;
}

}  // namespace denoscope
