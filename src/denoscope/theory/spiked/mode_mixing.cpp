#include "denoscope/theory/spiked/mode_mixing.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;

constexpr double kAllNear = 2, kAllFar = 4;  // rho
constexpr int kMostBisections = 60;
const double kPi = std::acos(-1.0);

double NearShare(double rho) {
  return std::clamp((kAllFar - rho) / (kAllFar - kAllNear), 0.0, 1.0);
}

}  // namespace

double PairAlignment(double rho) {
  if (!(rho >= 0)) throw Error("pair alignment: rho is {}, expected at least 0", rho);
  constexpr double kAsymptotic = 40;  // exp and I_0 would overflow; the next term is 7e-8
  if (rho > kAsymptotic) return 1 - 1 / (4 * rho * rho);
  const double z = rho * rho / 4;
  const double bessel = std::cyl_bessel_i(0.0, z) + std::cyl_bessel_i(1.0, z);
  return (1 + std::sqrt(kPi / 8) * rho * std::exp(-z) * bessel) / 2;
}

double MixedAlignment(const CrowdedSpectrum& spectrum, Index k, double sigma) {
  spectrum.CheckMode(k, sigma);
  if (spectrum.lambda(k) == 0) return 0;
  const double n = static_cast<double>(spectrum.n), variance = sigma * sigma;
  const double own = spectrum.lambda(k) + variance;
  double near = 1, squares = 0, shares = 0;
  for (Index j = 0; j < spectrum.lambda.size(); ++j) {
    const double other = spectrum.lambda(j) + variance, difference = own - other;
    if (j == k || other == 0) continue;
    const double rho = std::abs(difference) * std::sqrt(n / (4 * own * other));
    const double share = NearShare(rho);
    if (share > 0) near *= 1 - share * (1 - PairAlignment(rho));
    if (share == 1) continue;
    const double ratio = other / difference;
    squares += (1 - share) * ratio * ratio;
    shares += (1 - share) * ratio * own / difference;  // psi/l - psi' of the far ones
  }
  const double slope = 1 - squares / n;
  return slope > 0 ? near / (1 + shares / (n * slope)) : 0;
}

double MixedAligningSigma(const CrowdedSpectrum& spectrum, Index k) {
  if (!(MixedAlignment(spectrum, k, 0) >= 0.5)) return 0;
  double low = 0, high = std::sqrt(spectrum.lambda(k));
  while (MixedAlignment(spectrum, k, high) >= 0.5) {
    low = high;
    high *= 2;
  }
  for (int i = 0; i < kMostBisections; ++i) {
    const double middle = 0.5 * (low + high);
    (MixedAlignment(spectrum, k, middle) >= 0.5 ? low : high) = middle;
  }
  return high;
}

}  // namespace denoscope
