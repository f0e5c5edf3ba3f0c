#include "denoscope/theory/spiked/noisy_alignment.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Draws = std::vector<std::size_t>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kHalf = 0.5;
constexpr std::int64_t kFewestReplicates = 20;

// The 97.5 % quantile of Student's t. Beyond the table Cornish and Fisher's first term: to 1e-3.
double StudentQuantile(std::size_t freedom) {
  constexpr std::array<double, 12> kTable = {
      12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179};
  if (freedom <= kTable.size()) return kTable[freedom - 1];
  constexpr double kNormal = 1.95996;
  const double f = static_cast<double>(freedom), z2 = kNormal * kNormal;
  return kNormal * (1 + (z2 + 1) / (4 * f) + (5 * z2 * z2 + 16 * z2 + 3) / (96 * f * f));
}

// The measure of every basis: [sigma] (K, draws).
std::vector<MatrixXd> Measured(const NoisyBases& bases, const BasisMeasure& measure) {
  std::vector<MatrixXd> values;
  for (const std::vector<NoisyBasis>& level : bases.bases) {
    MatrixXd of_level(bases.modes, static_cast<Index>(level.size()));
    for (std::size_t draw = 0; draw < level.size(); ++draw) {
      const VectorXd column = measure(level[draw]);
      if (column.size() != bases.modes) {
        throw Error(
            "noisy alignment: measure has {} values, expected {}", column.size(), bases.modes);
      }
      of_level.col(static_cast<Index>(draw)) = column;
    }
    values.push_back(std::move(of_level));
  }
  if (values.empty() || values.front().cols() == 0) {
    throw Error("noisy alignment: no bases, expected at least one");
  }
  return values;
}

// Crossings of one measure's curves over sigma, averaged over draws.
class Curves {
 public:
  Curves(const NoisyBases& bases, const BasisMeasure& measure)
      : sigmas_(bases.options.sigmas), values_(Measured(bases, measure)) {}

  const std::vector<MatrixXd>& Values() const { return values_; }
  Index Modes() const { return values_.front().rows(); }
  std::size_t DrawCount() const { return static_cast<std::size_t>(values_.front().cols()); }
  Draws AllDraws() const {
    Draws draws(DrawCount());
    std::iota(draws.begin(), draws.end(), std::size_t{0});
    return draws;
  }

  // Of mode k; a draw may be listed more than once.
  Crossing At(Index k, const Draws& draws) const {
    std::vector<double> curve;
    for (const MatrixXd& level : values_) {
      double sum = 0;
      for (const std::size_t draw : draws) sum += level(k, static_cast<Index>(draw));
      curve.push_back(sum / static_cast<double>(draws.size()));
    }
    return LastFall(sigmas_, curve, kHalf);
  }

 private:
  const std::vector<double>& sigmas_;
  std::vector<MatrixXd> values_;
};

// Log crossings of the mean over all draws but one; as many as draws, unless one is censored.
std::vector<double> LeaveOneOut(const Curves& curves, Index k) {
  std::vector<double> logs;
  for (std::size_t left_out = 0; left_out < curves.DrawCount(); ++left_out) {
    Draws draws = curves.AllDraws();
    draws.erase(draws.begin() + static_cast<std::ptrdiff_t>(left_out));
    const Crossing crossing = curves.At(k, draws);
    if (crossing.censored == Censoring::kNone) logs.push_back(std::log(crossing.sigma));
  }
  return logs;
}

Interval JackknifeInterval(const Curves& curves, Index k, double sigma) {
  if (curves.DrawCount() < 2) return {kNan, kNan};
  const std::vector<double> logs = LeaveOneOut(curves, k);
  if (logs.size() < curves.DrawCount()) return {kNan, kNan};
  const double draws = static_cast<double>(logs.size());
  const double error = StandardDeviation(logs) * (draws - 1) / std::sqrt(draws);
  const double reach = std::exp(StudentQuantile(logs.size() - 1) * error);
  return {sigma / reach, sigma * reach};
}

// Modes that cross, with what they are compared by.
struct Crossed {
  std::vector<double> log_sigma, log_lambda, frequency;
};

Crossed CrossedModes(const std::vector<Crossing>& crossings, const ModeTruth& truth) {
  Crossed crossed;
  for (std::size_t k = 0; k < crossings.size(); ++k) {
    if (crossings[k].censored != Censoring::kNone) continue;
    crossed.log_sigma.push_back(std::log(crossings[k].sigma));
    crossed.log_lambda.push_back(std::log(truth.lambda[k]));
    crossed.frequency.push_back(truth.frequency[k]);
  }
  return crossed;
}

double FrequencyRank(const Crossed& c) { return RankCorrelation(c.log_sigma, c.frequency); }
double PartialRank(const Crossed& c) {
  return PartialRankCorrelation(c.log_sigma, c.frequency, c.log_lambda);
}

Crossed ResampledModes(const Crossed& all, RandomStream& random) {
  Crossed drawn;
  for (std::size_t i = 0; i < all.log_sigma.size(); ++i) {
    const std::size_t k = random.Below(all.log_sigma.size());
    drawn.log_sigma.push_back(all.log_sigma[k]);
    drawn.log_lambda.push_back(all.log_lambda[k]);
    drawn.frequency.push_back(all.frequency[k]);
  }
  return drawn;
}

std::vector<Crossing> Crossings(const Curves& curves, const Draws& draws) {
  std::vector<Crossing> crossings;
  for (Index k = 0; k < curves.Modes(); ++k) crossings.push_back(curves.At(k, draws));
  return crossings;
}

void BootstrapModes(const Crossed& all,
                    const AlignmentOptions& options,
                    AlignmentStatistics& statistics) {
  if (all.log_sigma.empty()) {
    statistics.frequency_over_modes = statistics.partial_over_modes = {kNan, kNan};
    return;
  }
  std::vector<double> frequency, partial;
  for (std::int64_t i = 0; i < options.replicates; ++i) {
    RandomStream random(options.seed, "alignment over modes", static_cast<std::uint64_t>(i));
    const Crossed drawn = ResampledModes(all, random);
    frequency.push_back(FrequencyRank(drawn));
    partial.push_back(PartialRank(drawn));
  }
  statistics.frequency_over_modes = PercentileInterval(frequency);
  statistics.partial_over_modes = PercentileInterval(partial);
}

void BootstrapDraws(const Curves& curves,
                    const ModeTruth& truth,
                    const AlignmentOptions& options,
                    AlignmentStatistics& statistics) {
  std::vector<double> frequency, partial;
  for (std::int64_t i = 0; i < options.replicates && curves.DrawCount() > 1; ++i) {
    RandomStream random(options.seed, "alignment over draws", static_cast<std::uint64_t>(i));
    Draws draws(curves.DrawCount());
    for (std::size_t& draw : draws) draw = random.Below(draws.size());
    const Crossed drawn = CrossedModes(Crossings(curves, draws), truth);
    frequency.push_back(FrequencyRank(drawn));
    partial.push_back(PartialRank(drawn));
  }
  statistics.frequency_over_draws = PercentileInterval(frequency);
  statistics.partial_over_draws = PercentileInterval(partial);
}

void CheckTruth(const ModeTruth& truth, Index modes, const AlignmentOptions& options) {
  const auto size = static_cast<std::size_t>(modes);
  if (truth.lambda.size() != size || truth.frequency.size() != size) {
    throw Error("noisy alignment: {} eigenvalues and {} frequencies, expected {} of each",
                truth.lambda.size(),
                truth.frequency.size(),
                size);
  }
  for (std::size_t k = 0; k < size; ++k) {
    if (truth.lambda[k] > 0 && std::isfinite(truth.lambda[k])) continue;
    throw Error("noisy alignment: eigenvalue {} is {}, expected a finite number above 0",
                k,
                truth.lambda[k]);
  }
  if (options.replicates < kFewestReplicates) {
    throw Error("noisy alignment: replicates is {}, expected at least {}",
                options.replicates,
                kFewestReplicates);
  }
}

}  // namespace

VectorXd SquaredCosines(const NoisyBasis& basis) { return basis.cosines.cwiseAbs2(); }
VectorXd SquaredMatched(const NoisyBasis& basis) { return basis.matched.cwiseAbs2(); }
VectorXd Sines(const NoisyBasis& basis) {
  return (1 - basis.cosines.array().square()).max(0.0).sqrt();
}

MeanOverDraws AverageOverDraws(const NoisyBases& bases, const BasisMeasure& measure) {
  const std::vector<MatrixXd> values = Measured(bases, measure);
  const auto levels = static_cast<Index>(values.size());
  MeanOverDraws average = {MatrixXd(bases.modes, levels), MatrixXd(bases.modes, levels)};
  for (Index level = 0; level < levels; ++level) {
    const MatrixXd& draws = values[static_cast<std::size_t>(level)];
    const double count = static_cast<double>(draws.cols());
    const VectorXd mean = draws.rowwise().mean();
    average.mean.col(level) = mean;
    if (count < 2) {
      average.error.col(level).setConstant(kNan);
    } else {
      average.error.col(level) =
          (draws.colwise() - mean).rowwise().norm() / std::sqrt(count * (count - 1));
    }
  }
  return average;
}

std::vector<AligningLevel> AligningLevels(const NoisyBases& bases, const BasisMeasure& measure) {
  const Curves curves(bases, measure);
  std::vector<AligningLevel> levels;
  for (Index k = 0; k < curves.Modes(); ++k) {
    AligningLevel level;
    level.crossing = curves.At(k, curves.AllDraws());
    for (const std::size_t draw : curves.AllDraws()) {
      if (curves.At(k, {draw}).censored == Censoring::kNone) ++level.crossed;
    }
    level.interval = level.crossing.censored == Censoring::kNone
                         ? JackknifeInterval(curves, k, level.crossing.sigma)
                         : Interval{kNan, kNan};
    levels.push_back(level);
  }
  return levels;
}

AlignmentStatistics RelateAlignment(const NoisyBases& bases,
                                    const BasisMeasure& measure,
                                    const ModeTruth& truth,
                                    const AlignmentOptions& options) {
  CheckTruth(truth, bases.modes, options);
  const Curves curves(bases, measure);
  const std::vector<Crossing> crossings = Crossings(curves, curves.AllDraws());
  const Crossed crossed = CrossedModes(crossings, truth);
  AlignmentStatistics statistics;
  statistics.modes = static_cast<std::int64_t>(crossed.log_sigma.size());
  for (const Crossing& crossing : crossings) {
    if (crossing.censored == Censoring::kBelow) ++statistics.below;
    if (crossing.censored == Censoring::kAbove) ++statistics.above;
  }
  statistics.rank_frequency = FrequencyRank(crossed);
  statistics.rank_lambda = RankCorrelation(crossed.log_sigma, crossed.log_lambda);
  statistics.partial_frequency = PartialRank(crossed);
  statistics.slope = Slope(crossed.log_lambda, crossed.log_sigma);
  BootstrapModes(crossed, options, statistics);
  BootstrapDraws(curves, truth, options, statistics);
  return statistics;
}

}  // namespace denoscope
