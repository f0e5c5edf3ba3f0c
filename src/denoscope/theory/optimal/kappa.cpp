#include "denoscope/theory/optimal/kappa.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/base/error.h"
#include "denoscope/theory/optimal/wiener.h"

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

// The plug-in denoiser at one kappa, as what depends on the mode alone is left out.
struct PlugIn {
  double kappa, variance, df1, df2;  // variance: sigma^2, not positive below the least kappa
};

PlugIn PlugInAt(const VectorXd& lambda, double samples, double kappa) {
  const ArrayXd gains = lambda.array() / (lambda.array() + kappa);
  const double df1 = gains.sum();
  return {kappa, kappa * (1 - df1 / samples), df1, gains.square().sum()};
}

// E(u_k^T (x - D))^2 over lambda_k, for modes of these variances.
ArrayXd ModeErrors(const LearningProblem& problem, const PlugIn& at, const ArrayXd& lambda) {
  const double n = EffectiveSamples(problem), left = n - at.df2;
  const double missed = at.kappa * at.kappa * n / left * (1 + MeanError(problem));
  const double passed = at.kappa * (at.df1 - at.df2) / left;
  return (missed + at.variance * (lambda + passed)) / (lambda + at.kappa).square();
}

// From where the error is lambda_k/2 for kappa alone, lambda_k kappa^2/(lambda_k + kappa)^2, down
// to the first kappa at which it is no more than that, or to the least one, of sigma = 0.
double ResolvedHalf(const LearningProblem& problem, double mode) {
  constexpr double kStep = 0.9, kLeast = 1e-9;  // of kappa
  const auto at = [&](double kappa) {
    return PlugInAt(problem.lambda, EffectiveSamples(problem), kappa);
  };
  const auto variance = [&](double kappa) { return at(kappa).variance; };
  const auto excess = [&](double kappa) {  // of the error over a half
    return ModeErrors(problem, at(kappa), ArrayXd::Constant(1, mode))(0) - 0.5;
  };
  double high = (1 + std::sqrt(2.0)) * mode;
  while (variance(high) > 0 && high > kLeast * mode) {
    const double next = kStep * high;
    const double low = variance(next) > 0 ? next : Bisect(next, high, variance);
    if (excess(low) <= 0) return std::sqrt(variance(Bisect(low, high, excess)));
    if (low != next) return 0;
    high = low;
  }
  return 0;
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
  result.mode_mse = problem.lambda.array() *
                    ModeErrors(problem, {result.kappa, variance, df1, df2}, problem.lambda);
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

PlugInHalves HalvesOfPlugIn(const LearningProblem& problem) {
  problem.Check();
  const VectorXd& lambda = problem.lambda;
  const double samples = EffectiveSamples(problem);
  PlugInHalves halves = {VectorXd::Zero(lambda.size()), VectorXd::Zero(lambda.size())};
  for (Eigen::Index k = 0; k < lambda.size(); ++k) {
    if (lambda(k) == 0) continue;
    const double variance = PlugInAt(lambda, samples, lambda(k)).variance;
    halves.gain(k) = std::sqrt(std::max(variance, 0.0));
    halves.resolved(k) = ResolvedHalf(problem, lambda(k));
  }
  return halves;
}

}  // namespace denoscope
