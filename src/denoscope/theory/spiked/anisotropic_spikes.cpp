#include "denoscope/theory/spiked/anisotropic_spikes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;

struct Quadratic {
  double square = 0, linear = 0, constant = 0;  // square > 0 where there is another mode
};

// The larger root of a rising parabola, 0 unless it is above 0.
double PositiveRoot(const Quadratic& q) {
  if (!(std::isfinite(q.constant) && std::isfinite(q.square))) return 0;  // an equal mode
  if (q.constant >= 0) return 0;
  const double half = q.linear / 2;
  const double root = std::sqrt(half * half - q.square * q.constant);
  // -constant / (half + root) is the same without cancellation when half > 0.
  return half > 0 ? -q.constant / (half + root) : (root - half) / q.square;
}

// Calls add(lambda_j, lambda_k - lambda_j) for every j but k.
template <typename Add>
void ForOthers(const CrowdedSpectrum& spectrum, Index k, const Add& add) {
  const double own = spectrum.lambda(k);
  for (Index j = 0; j < spectrum.lambda.size(); ++j) {
    if (j != k) add(spectrum.lambda(j), own - spectrum.lambda(j));
  }
}

}  // namespace

void CrowdedSpectrum::CheckMode(Index k, double sigma) const {
  if (lambda.size() < 2) {
    throw Error("crowded spectrum: {} eigenvalues, expected at least 2", lambda.size());
  }
  if (n < 1) throw Error("crowded spectrum: n is {}, expected at least 1", n);
  for (Index j = 0; j < lambda.size(); ++j) {
    if (!(std::isfinite(lambda(j)) && lambda(j) >= 0)) {
      throw Error("crowded spectrum: eigenvalue {} is {}, expected a finite number of at least 0",
                  j,
                  lambda(j));
    }
  }
  if (k < 0 || k >= lambda.size()) {
    throw Error("crowded spectrum: mode is {}, expected 0 to {}", k, lambda.size() - 1);
  }
  if (!(std::isfinite(sigma) && sigma >= 0)) {
    throw Error("crowded spectrum: sigma is {}, expected a finite number of at least 0", sigma);
  }
}

CrowdedMode SeeMode(const CrowdedSpectrum& spectrum, Index k, double sigma) {
  spectrum.CheckMode(k, sigma);
  const double n = static_cast<double>(spectrum.n), variance = sigma * sigma;
  double ratios = 0, squares = 0;
  ForOthers(spectrum, k, [&](double lambda, double difference) {
    const double noisy = lambda + variance;
    ratios += noisy / difference;
    squares += (noisy / difference) * (noisy / difference);
  });
  const double slope = 1 - squares / n, stretch = 1 + ratios / n;  // psi', psi / l
  CrowdedMode mode;
  mode.eigenvalue = std::numeric_limits<double>::quiet_NaN();
  if (!(slope > 0)) return mode;  // an equal mode makes it -infinity or NaN
  mode.visible = true;
  mode.eigenvalue = (spectrum.lambda(k) + variance) * stretch;
  mode.alignment = std::min(1.0, slope / stretch);
  return mode;
}

double CrowdedCriticalSigma(const CrowdedSpectrum& spectrum, Index k) {
  spectrum.CheckMode(k);
  Quadratic q;
  q.constant = -static_cast<double>(spectrum.n);
  ForOthers(spectrum, k, [&](double lambda, double difference) {
    const double weight = 1 / (difference * difference);
    q.square += weight;
    q.linear += 2 * lambda * weight;
    q.constant += lambda * lambda * weight;
  });
  return std::sqrt(PositiveRoot(q));
}

double CrowdedAligningSigma(const CrowdedSpectrum& spectrum, Index k) {
  spectrum.CheckMode(k);
  Quadratic q;
  q.constant = -static_cast<double>(spectrum.n) / 2;
  ForOthers(spectrum, k, [&](double lambda, double difference) {
    const double weight = 1 / (difference * difference);
    q.square += weight;
    q.linear += 2 * lambda * weight + 1 / (2 * difference);
    q.constant += lambda * lambda * weight + lambda / (2 * difference);
  });
  return std::sqrt(PositiveRoot(q));
}

}  // namespace denoscope
