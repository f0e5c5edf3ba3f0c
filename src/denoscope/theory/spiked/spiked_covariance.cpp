#include "denoscope/theory/spiked/spiked_covariance.h"

#include <cmath>
#include <string_view>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

void CheckGamma(double gamma) {
  if (!(std::isfinite(gamma) && gamma > 0)) {
    throw Error("spiked covariance: gamma is {}, expected a finite number above 0", gamma);
  }
}

void CheckNotNegative(double value, std::string_view name) {
  if (!(std::isfinite(value) && value >= 0)) {
    throw Error("spiked covariance: {} is {}, expected a finite number of at least 0", name, value);
  }
}

void CheckDirection(const EstimatedDirection& direction) {
  CheckNotNegative(direction.strength, "strength");
  if (!(direction.alignment >= 0 && direction.alignment <= 1)) {
    throw Error("spiked covariance: alignment is {}, expected 0 to 1", direction.alignment);
  }
}

}  // namespace

double VisibleStrength(double gamma) {
  CheckGamma(gamma);
  return std::sqrt(gamma);
}

double CriticalSigma(double lambda, double gamma) {
  CheckNotNegative(lambda, "lambda");
  CheckGamma(gamma);
  return std::sqrt(lambda) * std::pow(gamma, -0.25);
}

double SpikeEigenvalue(double strength, double gamma) {
  CheckNotNegative(strength, "strength");
  const double t = std::fmax(strength, VisibleStrength(gamma));  // there, the edge itself
  return (1 + t) * (1 + gamma / t);
}

double SpikeAlignment(double strength, double gamma) {
  CheckNotNegative(strength, "strength");
  if (strength <= VisibleStrength(gamma)) return 0;
  const double noise = gamma / strength;
  return (1 - noise / strength) / (1 + noise);
}

double AligningStrength(double gamma) {
  CheckGamma(gamma);
  return (gamma + std::sqrt(gamma * (gamma + 8))) / 2;
}

double AligningSigma(double lambda, double gamma) {
  CheckNotNegative(lambda, "lambda");
  return std::sqrt(lambda / AligningStrength(gamma));
}

double DebiasedStrength(double eigenvalue, double gamma) {
  CheckNotNegative(eigenvalue, "eigenvalue");
  const double root = VisibleStrength(gamma);
  if (eigenvalue <= (1 + root) * (1 + root)) return 0;
  const double rest = eigenvalue - 1 - gamma;
  return (rest + std::sqrt((rest - 2 * root) * (rest + 2 * root))) / 2;
}

double WienerGain(double strength) {
  CheckNotNegative(strength, "strength");
  return strength / (1 + strength);
}

double EstimatedGain(double strength, double alignment) {
  CheckDirection({strength, alignment});
  return WienerGain(strength * alignment);
}

double GainError(double gain, const EstimatedDirection& direction) {
  CheckDirection(direction);
  const double seen = direction.strength * direction.alignment;
  return direction.strength - 2 * gain * seen + gain * gain * (seen + 1);
}

}  // namespace denoscope
