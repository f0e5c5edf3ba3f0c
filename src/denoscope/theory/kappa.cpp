#include "denoscope/theory/kappa.h"

#include <cmath>
#include <limits>

#include "denoscope/base/error.h"
#include "denoscope/theory/wiener.h"

namespace denoscope {
namespace {

using Eigen::ArrayXd;
using Eigen::VectorXd;

constexpr int kMostBisections = 200;  // geometric, from any bracket to neighbouring numbers

// Root of a function that is below 0 at `low` > 0 and not below 0 at `high`, by bisection of the
// logarithm: kappa may lie many decades below the bracket's upper end.
template <typename Function>
double Bisect(double low, double high, const Function& function) {
  for (int i = 0; i < kMostBisections; ++i) {
    const double middle = std::sqrt(low) * std::sqrt(high);
    if (!(middle > low && middle < high)) break;
    (function(middle) < 0 ? low : high) = middle;
  }
  return high;
}

double EffectiveSamples(const LearningProblem& problem) {
  return static_cast<double>(problem.n) - (problem.centred ? 1 : 0);
}

double MeanError(const LearningProblem& problem) {
  return problem.centred ? 1 / static_cast<double>(problem.n) : 0;
}

// kappa of the pseudo-inverse, n = sum l/(l + kappa), for n < d: a root between 0 and sum l / n.
double ImplicitRidge(const ArrayXd& noisy, double samples) {
  const double high = noisy.sum() / samples;
  const double low = noisy.minCoeff() * (static_cast<double>(noisy.size()) / samples - 1) / 2;
  return Bisect(low, high, [&](double kappa) { return samples - (noisy / (noisy + kappa)).sum(); });
}

}  // namespace

void LearningProblem::Check() const {
  if (lambda.size() < 1) throw Error("learning problem: no eigenvalues, expected at least 1");
  for (Eigen::Index k = 0; k < lambda.size(); ++k) {
    if (!(std::isfinite(lambda(k)) && lambda(k) >= 0)) {
      throw Error("learning problem: eigenvalue {} is {}, expected a finite number of at least 0",
                  k,
                  lambda(k));
    }
  }
  if (!(std::isfinite(sigma) && sigma > 0)) {
    throw Error("learning problem: sigma is {}, expected a finite number above 0", sigma);
  }
  if (n < 2) throw Error("learning problem: n is {}, expected at least 2 samples", n);
}

double EffectiveNoise(const LearningProblem& problem) {
  problem.Check();
  const VectorXd& lambda = problem.lambda;
  const double samples = EffectiveSamples(problem), variance = problem.sigma * problem.sigma;
  // kappa - sigma^2 = kappa df1 / n <= sum lambda / n
  const double high = variance + lambda.sum() / samples;
  if (high == variance) return variance;
  return Bisect(variance, high, [&](double kappa) {
    const double df1 = (lambda.array() / (lambda.array() + kappa)).sum();
    return kappa * (1 - df1 / samples) - variance;
  });
}

LearnedDenoiser PlugInTheory(const LearningProblem& problem) {
  problem.Check();
  const double n = EffectiveSamples(problem), variance = problem.sigma * problem.sigma;
  LearnedDenoiser result;
  result.kappa = EffectiveNoise(problem);
  result.gains = problem.lambda.array() / (problem.lambda.array() + result.kappa);
  const double df1 = result.gains.sum(), df2 = result.gains.squaredNorm();
  const double kappa_T = df1 - df2;
  const double missed = result.kappa * kappa_T / (1 - df2 / n);
  const double passed = df2 + kappa_T * kappa_T / (n - df2);
  result.mse = missed * (1 + MeanError(problem)) + variance * passed;
  result.belief = variance * df1;
  result.mmse = variance * WienerGains(problem.lambda, problem.sigma).sum();
  return result;
}

LearnedDenoiser RegressionTheory(const LearningProblem& problem) {
  problem.Check();
  const double n = EffectiveSamples(problem), variance = problem.sigma * problem.sigma;
  const double d = static_cast<double>(problem.lambda.size());
  const ArrayXd wiener = WienerGains(problem.lambda, problem.sigma);
  const ArrayXd noisy = problem.lambda.array() + variance;
  LearnedDenoiser result;
  result.mmse = variance * wiener.sum();
  result.kappa = d > n ? ImplicitRidge(noisy, n) : 0;
  const ArrayXd seen = noisy / (noisy + result.kappa);
  result.gains = wiener * seen;
  result.belief = variance * result.gains.sum();
  double error = std::numeric_limits<double>::infinity();
  if (d < n - 1) error = result.mmse * (1 + d / (n - d - 1));
  if (d > n + 1) {
    const double unseen = (wiener.square() * noisy * (1 - seen).square()).sum();
    error = (result.mmse + unseen) / (1 - seen.square().sum() / n);
  }
  result.mse = error * (1 + MeanError(problem));
  return result;
}

}  // namespace denoscope
