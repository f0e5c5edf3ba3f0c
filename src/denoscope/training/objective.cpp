#include "denoscope/training/objective.h"

#include <cmath>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

double NormalProbability(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// The x in [low, high] below which the standard normal law has probability p; by bisection.
double NormalQuantile(double p, double low, double high) {
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (NormalProbability(middle) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

// The level at probability u of the law cut to the range.
double SigmaAt(const Objective& o, const SigmaRange& range, double u) {
  const double low = std::log(range.low), high = std::log(range.high);
  switch (o.law) {
    case NoiseLaw::kUniform:
      return range.low + u * (range.high - range.low);
    case NoiseLaw::kLogNormal: {
      const double a = (low - o.log_mean) / o.log_deviation;
      const double b = (high - o.log_mean) / o.log_deviation;
      const double p = NormalProbability(a), q = NormalProbability(b);
      return std::exp(o.log_mean + o.log_deviation * NormalQuantile(p + u * (q - p), a, b));
    }
    default:
      return std::exp(low + u * (high - low));
  }
}

}  // namespace

void Objective::Check() const {
  if (!(log_deviation > 0) || !std::isfinite(log_deviation) || !std::isfinite(log_mean))
    throw Error(
        "training: log-normal noise of mean {} and deviation {} in ln sigma, expected finite "
        "numbers and a deviation above 0",
        log_mean,
        log_deviation);
}

std::vector<double> DrawSigmas(const Objective& objective,
                               const SigmaRange& range,
                               std::int64_t count,
                               RandomStream& random) {
  std::vector<double> sigmas;
  for (std::int64_t b = 0; b < count; ++b) {
    const double u = (static_cast<double>(b) + random.Uniform()) / static_cast<double>(count);
    sigmas.push_back(SigmaAt(objective, range, u));
  }
  return sigmas;
}

double LossWeight(const Objective& objective, double sigma, double data_rms) {
  if (objective.weighting == Weighting::kPlain) return 1;
  const double product = sigma * data_rms;
  return (sigma * sigma + data_rms * data_rms) / (product * product);
}

}  // namespace denoscope
