#include "denoscope/training/objective.h"

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

constexpr std::array<std::pair<NoiseLaw, std::string_view>, 3> kLaws = {
    {{NoiseLaw::kLogUniform, "log-uniform"},
     {NoiseLaw::kUniform, "uniform"},
     {NoiseLaw::kLogNormal, "log-normal"}}};
constexpr std::array<std::pair<Weighting, std::string_view>, 2> kWeightings = {
    {{Weighting::kPlain, "plain"}, {Weighting::kEdm, "edm"}}};

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

std::string NoiseLawName(NoiseLaw law) {
  for (const auto& [known, name] : kLaws)
    if (known == law) return std::string(name);
  throw Error("noise law: value is {}, expected 0 to 2", static_cast<int>(law));
}

NoiseLaw NoiseLawFromName(const std::string& name) {
  for (const auto& [law, known] : kLaws)
    if (known == name) return law;
  throw Error("noise law '{}': unknown, expected log-uniform, uniform or log-normal", name);
}

std::string WeightingName(Weighting weighting) {
  for (const auto& [known, name] : kWeightings)
    if (known == weighting) return std::string(name);
  throw Error("weighting: value is {}, expected 0 or 1", static_cast<int>(weighting));
}

Weighting WeightingFromName(const std::string& name) {
  for (const auto& [weighting, known] : kWeightings)
    if (known == name) return weighting;
  throw Error("weighting '{}': unknown, expected plain or edm", name);
}

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
