#include "denoscope/theory/frequency/emergence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>

#include "denoscope/base/error.h"
#include "denoscope/base/quantile.h"

namespace denoscope {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kFewestPairs = 3;
constexpr std::size_t kFewestReplicates = 20;
// Ranks of n values give 1 - r^2 in steps of about 1/n^3: anything smaller is rounding.
constexpr double kDetermined = 1e-12;

void CheckCurve(const std::vector<double>& sigmas,
                const std::vector<double>& values,
                double threshold) {
  if (sigmas.size() != values.size() || sigmas.empty()) {
    throw Error("half level: {} sigmas and {} values, expected as many, at least 1",
                sigmas.size(),
                values.size());
  }
  if (!std::isfinite(threshold)) {
    throw Error("half level: threshold is {}, expected a finite number", threshold);
  }
  double previous = 0;
  for (const double sigma : sigmas) {
    if (!(std::isfinite(sigma) && sigma > previous)) {
      throw Error(
          "half level: sigma {} follows {}, expected positive ascending numbers", sigma, previous);
    }
    previous = sigma;
  }
}

void CheckPairs(const std::vector<double>& a,
                const std::vector<double>& b,
                std::string_view statistic) {
  if (a.size() != b.size()) {
    throw Error(
        "{}: lists have {} and {} entries, expected as many", statistic, a.size(), b.size());
  }
}

bool HasNan(const std::vector<double>& x) {
  return std::any_of(x.begin(), x.end(), [](double value) { return std::isnan(value); });
}

bool Varies(const std::vector<double>& x) {
  return std::any_of(x.begin(), x.end(), [&](double value) { return value != x.front(); });
}

double Mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// sum (a - mean a)(b - mean b)
double CentredProduct(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = Mean(a), mean_b = Mean(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum;
}

std::vector<double> MidRanks(const std::vector<double>& x) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return x[i] < x[j]; });
  std::vector<double> ranks(x.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && x[order[last + 1]] == x[order[first]]) ++last;
    for (std::size_t i = first; i <= last; ++i)
      ranks[order[i]] = 0.5 * static_cast<double>(first + last);
    first = last + 1;
  }
  return ranks;
}

}  // namespace

Crossing LastFall(const std::vector<double>& sigmas,
                  const std::vector<double>& values,
                  double threshold) {
  CheckCurve(sigmas, values, threshold);
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(values.begin(), values.end(), finite)) return {kNan, Censoring::kNoCrossing};
  if (values.back() >= threshold) return {kNan, Censoring::kAbove};
  for (std::size_t i = values.size() - 1; i-- > 0;) {
    if (values[i] < threshold) continue;
    const double share = (values[i] - threshold) / (values[i] - values[i + 1]);
    return {sigmas[i] * std::pow(sigmas[i + 1] / sigmas[i], share), Censoring::kNone};
  }
  return {kNan, Censoring::kBelow};
}

double RankCorrelation(const std::vector<double>& a, const std::vector<double>& b) {
  CheckPairs(a, b, "rank correlation");
  if (a.size() < kFewestPairs || HasNan(a) || HasNan(b) || !Varies(a) || !Varies(b)) return kNan;
  const std::vector<double> ranks_a = MidRanks(a), ranks_b = MidRanks(b);
  const double scale =
      std::sqrt(CentredProduct(ranks_a, ranks_a) * CentredProduct(ranks_b, ranks_b));
  return std::clamp(CentredProduct(ranks_a, ranks_b) / scale, -1.0, 1.0);
}

double PartialRankCorrelation(const std::vector<double>& a,
                              const std::vector<double>& b,
                              const std::vector<double>& c) {
  CheckPairs(a, b, "partial rank correlation");
  CheckPairs(a, c, "partial rank correlation");
  const double ab = RankCorrelation(a, b), ac = RankCorrelation(a, c), bc = RankCorrelation(b, c);
  const double left_a = 1 - ac * ac, left_b = 1 - bc * bc;
  if (!(left_a > kDetermined && left_b > kDetermined)) return kNan;
  return std::clamp((ab - ac * bc) / std::sqrt(left_a * left_b), -1.0, 1.0);
}

double Slope(const std::vector<double>& x, const std::vector<double>& y) {
  CheckPairs(x, y, "slope");
  if (x.size() < kFewestPairs || !Varies(x)) return kNan;
  return CentredProduct(x, y) / CentredProduct(x, x);
}

double StandardDeviation(const std::vector<double>& x) {
  if (x.size() < 2) return kNan;
  return std::sqrt(CentredProduct(x, x) / static_cast<double>(x.size() - 1));
}

Interval PercentileInterval(std::vector<double> replicates, double level) {
  if (!(level > 0 && level < 1))
    throw Error("percentile interval: level is {}, expected between 0 and 1", level);
  const auto is_nan = [](double value) { return std::isnan(value); };
  replicates.erase(std::remove_if(replicates.begin(), replicates.end(), is_nan), replicates.end());
  if (replicates.size() < kFewestReplicates) return {kNan, kNan};
  return {Quantile(replicates, (1 - level) / 2), Quantile(replicates, (1 + level) / 2)};
}

}  // namespace denoscope
