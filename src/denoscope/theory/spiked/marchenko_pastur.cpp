#include "denoscope/theory/spiked/marchenko_pastur.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

const double kPi = std::acos(-1.0);
constexpr int kBisections = 60;  // pi 2^-60: below the spacing of the angles near pi

double Square(double x) { return x * x; }

}  // namespace

MarchenkoPastur::MarchenkoPastur(double gamma, double sigma)
    : gamma_(gamma), root_(std::sqrt(gamma)), variance_(sigma * sigma) {
  if (!(std::isfinite(gamma) && gamma > 0)) {
    throw Error("marchenko-pastur: gamma is {}, expected a finite number above 0", gamma);
  }
  if (!(std::isfinite(sigma) && sigma > 0)) {
    throw Error("marchenko-pastur: sigma is {}, expected a finite number above 0", sigma);
  }
}

double MarchenkoPastur::LowerEdge() const { return variance_ * Square(1 - root_); }
double MarchenkoPastur::UpperEdge() const { return variance_ * Square(1 + root_); }
double MarchenkoPastur::AtomAtZero() const { return std::max(0.0, 1 - 1 / gamma_); }

double MarchenkoPastur::Density(double x) const {
  const double inside = (UpperEdge() - x) * (x - LowerEdge());
  if (!(inside >= 0)) return 0;
  if (x == 0) return std::numeric_limits<double>::infinity();
  return std::sqrt(inside) / (2 * kPi * gamma_ * variance_ * x);
}

// 2/pi times the integral of sin^2 / (A - B cos) from 0 to phi, A = 1 + q^2, B = 2 q, q = root_, by
//   (1 - c^2) / (A - B c) = c/B + A/B^2 - (1 - q^2)^2 / (B^2 (A - B c)).
double MarchenkoPastur::Integral(double phi) const {
  const double q = root_, gap = std::abs(1 - q);
  const double turned = std::atan2((1 + q) * std::sin(phi / 2), gap * std::cos(phi / 2));
  const double last = (1 + q) * gap * turned;
  return (q * std::sin(phi) + (1 + q * q) * phi / 2 - last) / (kPi * q * q);
}

double MarchenkoPastur::Cdf(double x) const {
  if (x < 0) return 0;
  if (x >= UpperEdge()) return 1;
  if (x <= LowerEdge()) return AtomAtZero();
  const double cosine = (1 + gamma_ - x / variance_) / (2 * root_);
  return AtomAtZero() + Integral(std::acos(std::clamp(cosine, -1.0, 1.0)));
}

double MarchenkoPastur::Quantile(double p) const {
  if (!(p >= 0 && p <= 1)) throw Error("marchenko-pastur: quantile of {}, expected 0 to 1", p);
  if (p <= AtomAtZero()) return AtomAtZero() > 0 ? 0 : LowerEdge();
  if (p == 1) return UpperEdge();
  double low = 0, high = kPi;
  for (int i = 0; i < kBisections; ++i) {
    const double middle = 0.5 * (low + high);
    (AtomAtZero() + Integral(middle) < p ? low : high) = middle;
  }
  return variance_ * (1 + gamma_ - 2 * root_ * std::cos(high));
}

}  // namespace denoscope
