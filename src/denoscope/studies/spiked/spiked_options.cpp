#include "denoscope/studies/spiked/spiked_options.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

std::vector<double> Geometric(double low, double high, int count) {
  std::vector<double> values(static_cast<std::size_t>(count), high);
  for (int i = 0; i < count - 1; ++i)
    values[static_cast<std::size_t>(i)] = low * std::pow(high / low, i / (count - 1.0));
  return values;
}

void CheckPositive(const char* what, const std::vector<double>& values) {
  for (const double value : values) {
    if (!(value > 0) || !std::isfinite(value))
      throw Error("spiked study: {} is {}, expected a finite number above 0", what, value);
    if (std::count(values.begin(), values.end(), value) > 1)
      throw Error("spiked study: {} {} is given twice", what, value);
  }
}

void CheckSpectrum(const SpikedStudyOptions& o) {
  for (const double lambda : o.spectrum)
    if (!(lambda >= 0) || !std::isfinite(lambda))
      throw Error(
          "spiked study: a variance of the spectrum is {}, expected a finite number of at "
          "least 0",
          lambda);
  if (!o.spectrum.empty() && *std::max_element(o.spectrum.begin(), o.spectrum.end()) == 0)
    throw Error("spiked study: all variances of the spectrum are 0, expected one above it");
  if (!(o.power_scale > 0) || !std::isfinite(o.power_scale) || !(o.power_decay >= 0) ||
      !std::isfinite(o.power_decay))
    throw Error("spiked study: power law {}:{}, expected a scale above 0 and a decay of at least 0",
                o.power_scale,
                o.power_decay);
}

// Of each n: enough samples, and not more directions asked of PCA than it can return.
void CheckSizes(const SpikedStudyOptions& o) {
  const std::int64_t smallest = *std::min_element(o.d.begin(), o.d.end());
  for (const std::int64_t d : o.d) {
    std::set<std::int64_t> seen;
    for (const double ratio : o.ratios) {
      const double exact = ratio * static_cast<double>(d);
      if (!(exact < 1e7))
        throw Error("spiked study: n = {} at d = {}, expected less than 1e7 samples", exact, d);
      const std::int64_t n = std::llround(exact);
      if (n < 2)
        throw Error("spiked study: n/d = {} at d = {} gives n = {}, expected at least 2 samples",
                    ratio,
                    d,
                    n);
      if (!seen.insert(n).second)
        throw Error("spiked study: two ratios n/d give n = {} at d = {}", n, d);
      if (d != smallest) continue;
      const std::int64_t most = std::min(n - 1, d);
      const auto rank = static_cast<std::int64_t>(o.spectrum.size());
      if (rank > most)
        throw Error(
            "spiked study: rank of the spectrum is {}, expected at most {} (d = {}, n = {})",
            rank,
            most,
            d,
            n);
      if (o.modes < 1 || (o.spectrum.empty() && o.modes > most))
        throw Error(
            "spiked study: modes is {}, expected 1 to {} (d = {}, n = {})", o.modes, most, d, n);
    }
  }
}

}  // namespace

void SpikedStudyOptions::Check() const {
  if (d.empty() || ratios.empty())
    throw Error("spiked study: expected at least one d and one n/d, found {} and {}",
                d.size(),
                ratios.size());
  for (const std::int64_t size : d) {
    if (size < 4) throw Error("spiked study: d is {}, expected at least 4", size);
    if (std::count(d.begin(), d.end(), size) > 1)
      throw Error("spiked study: d {} is given twice", size);
  }
  CheckPositive("n/d", ratios);
  CheckPositive("strength", strengths);
  CheckPositive("sigma", sigmas);
  CheckSpectrum(*this);
  CheckSizes(*this);
  if (trials < 2)
    throw Error("spiked study: trials is {}, expected at least 2: one has no standard error",
                trials);
}

SpikedStudyOptions ResolveSpikedStudy(SpikedStudyOptions options) {
  if (options.strengths.empty()) options.strengths = Geometric(0.3, 10, 12);
  if (options.sigmas.empty()) options.sigmas = Geometric(0.1, 4, 8);
  options.Check();
  std::sort(options.d.begin(), options.d.end());
  for (std::vector<double>* list : {&options.ratios, &options.strengths, &options.sigmas})
    std::sort(list->begin(), list->end());
  std::sort(options.spectrum.begin(), options.spectrum.end(), std::greater<>());
  return options;
}

}  // namespace denoscope
