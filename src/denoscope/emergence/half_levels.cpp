#include "denoscope/emergence/half_levels.h"

#include <algorithm>
#include <cmath>

#include "denoscope/theory/frequency/emergence.h"

namespace denoscope {
namespace {

constexpr double kMostCensored = 0.05;

HalfLevel Half(const std::vector<double>& sigmas, const Curves& curves, Eigen::Index k) {
  const Crossing crossing =
      LastFall(sigmas, {curves.col(k).begin(), curves.col(k).end()}, /*threshold=*/0.5);
  HalfLevel level;
  level.sigma = crossing.censored == Censoring::kNone ? crossing.sigma : kNotComputed;
  level.censored = crossing.censored;
  return level;
}

void AddInterval(const Eigen::VectorXd& replicates, HalfLevel& level) {
  const auto censored = replicates.array().isNaN().count();
  if (level.censored != Censoring::kNone ||
      static_cast<double>(censored) > kMostCensored * static_cast<double>(replicates.size()))
    return;
  const Interval interval = PercentileInterval({replicates.begin(), replicates.end()});
  level.low = interval.low;
  level.high = interval.high;
}

struct Values {  // of the five statistics
  double rank_lambda, rank_frequency, partial_frequency, slope, spread;
};

// sigma (m), NaN where censored.
Values Statistics(const Eigen::VectorXd& sigma,
                  const Eigen::VectorXd& lambda,
                  const Eigen::VectorXd& frequency) {
  std::vector<double> half, variance, f;
  for (Eigen::Index k = 0; k < sigma.size(); ++k) {
    if (std::isnan(sigma[k])) continue;
    half.push_back(std::log(sigma[k]));
    variance.push_back(std::log(lambda[k]));
    f.push_back(frequency[k]);
  }
  if (half.size() < 3)
    return {kNotComputed, kNotComputed, kNotComputed, kNotComputed, kNotComputed};
  return {RankCorrelation(half, variance),
          RankCorrelation(half, f),
          PartialRankCorrelation(half, f, variance),
          Slope(variance, half),
          StandardDeviation(half)};
}

// Images drawn again add noise to every level, which moves a correlation towards 0 and does not
// only spread it: the interval is laid around the estimate, not around the replicates. `ranks`: 0,
// or of a rank correlation over so many, which goes through Fisher's z; there 1 counts as half of
// the step 12/(m (m^2 - 1)) below it that two neighbours make when they change places.
Interval AroundEstimate(double value, std::vector<double> replicates, std::int64_t ranks) {
  constexpr double kNormal95 = 1.96;
  constexpr std::size_t kFewest = 20;
  const auto m = static_cast<double>(ranks);
  const double most = 1 - 6 / (m * (m * m - 1));
  const auto to_z = [&](double r) {
    return ranks > 0 ? std::atanh(std::clamp(r, -most, most)) : r;
  };
  replicates.erase(
      std::remove_if(
          replicates.begin(), replicates.end(), [](double r) { return !std::isfinite(r); }),
      replicates.end());
  if (replicates.size() < kFewest || !std::isfinite(value)) return {kNotComputed, kNotComputed};
  for (double& r : replicates) r = to_z(r);
  const double half = kNormal95 * StandardDeviation(replicates), z = to_z(value);
  if (ranks == 0) return {z - half, z + half};
  return {std::min(value, std::tanh(z - half)), std::max(value, std::tanh(z + half))};
}

}  // namespace

Halves HalvesOf(const std::vector<double>& sigmas,
                const Curves& curves,
                Eigen::Index replicates,
                const std::function<Curves(Eigen::Index)>& replicate) {
  Halves halves;
  for (Eigen::Index k = 0; k < curves.cols(); ++k) halves.levels.push_back(Half(sigmas, curves, k));
  halves.replicates.resize(replicates, curves.cols());
  for (Eigen::Index r = 0; r < replicates; ++r) {
    const Curves drawn = replicate(r);
    for (Eigen::Index k = 0; k < curves.cols(); ++k)
      halves.replicates(r, k) = Half(sigmas, drawn, k).sigma;
  }
  for (Eigen::Index k = 0; k < curves.cols() && replicates > 0; ++k)
    AddInterval(halves.replicates.col(k), halves.levels[static_cast<std::size_t>(k)]);
  return halves;
}

EmergenceStatistics LevelStatistics(const std::string& denoiser,
                                    const std::string& measure,
                                    const Halves& halves,
                                    const Eigen::VectorXd& lambda,
                                    const Eigen::VectorXd& frequency) {
  Eigen::VectorXd sigma(lambda.size());
  for (Eigen::Index k = 0; k < sigma.size(); ++k)
    sigma[k] = halves.levels[static_cast<std::size_t>(k)].sigma;
  EmergenceStatistics s;
  s.denoiser = denoiser;
  s.measure = measure;
  s.censored = sigma.array().isNaN().count();
  s.modes = sigma.size() - s.censored;
  std::vector<Values> drawn;
  for (Eigen::Index r = 0; r < halves.replicates.rows(); ++r)
    drawn.push_back(Statistics(halves.replicates.row(r), lambda, frequency));
  const Values values = Statistics(sigma, lambda, frequency);
  const auto estimate = [&](double Values::*member, std::int64_t ranks) {
    std::vector<double> replicates;
    for (const Values& v : drawn) replicates.push_back(v.*member);
    const Interval interval = AroundEstimate(values.*member, std::move(replicates), ranks);
    return IntervalEstimate{values.*member, interval.low, interval.high};
  };
  s.rank_lambda = estimate(&Values::rank_lambda, s.modes);
  s.rank_frequency = estimate(&Values::rank_frequency, s.modes);
  s.partial_frequency = estimate(&Values::partial_frequency, s.modes);
  s.slope = estimate(&Values::slope, 0);
  s.spread = estimate(&Values::spread, 0);
  return s;
}

}  // namespace denoscope
