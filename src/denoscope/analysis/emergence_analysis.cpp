#include "denoscope/analysis/emergence_analysis.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "denoscope/base/random.h"
#include "denoscope/theory/emergence.h"

namespace denoscope {
namespace {

using Curves = Eigen::MatrixXd;  // (S,m): a column a mode

// Gains are read relative to the smallest sigma only where Wiener's own half is not moved by it:
// sqrt(lambda + 2 s0^2), within 5 % of sqrt(lambda) for lambda > 20 s0^2.
constexpr double kRelativeFloor = 20;
// With more replicates censored than this the interval's ends would lie.
constexpr double kMostCensored = 0.05;

std::vector<double> ColumnOf(const Curves& curves, Eigen::Index k) {
  return {curves.col(k).begin(), curves.col(k).end()};
}

HalfLevel Half(const std::vector<double>& sigmas, const std::vector<double>& curve) {
  const Crossing crossing = LastFall(sigmas, curve, 0.5);
  HalfLevel level;
  level.sigma = crossing.censored == Censoring::kNone ? crossing.sigma : kNotComputed;
  level.censored = CensoringName(crossing.censored);
  return level;
}

void AddInterval(const std::vector<double>& replicates, HalfLevel& level) {
  const auto censored = std::count_if(
      replicates.begin(), replicates.end(), [](double sigma) { return std::isnan(sigma); });
  if (level.censored != "none" ||
      static_cast<double>(censored) > kMostCensored * static_cast<double>(replicates.size()))
    return;
  const Interval interval = PercentileInterval(replicates);
  level.low = interval.low;
  level.high = interval.high;
}

Curves Relative(const Curves& gains) { return gains.array().rowwise() / gains.row(0).array(); }

// Mean curves over cells, weights counting how often each (image, draw) is taken.
class GainCurves {
 public:
  GainCurves(std::size_t sigmas, Eigen::Index modes, const std::vector<Cell>& cells, bool linear) {
    for (const Cell& cell : cells) {
      const Eigen::VectorXd& gain = (linear ? cell.linear : cell.deep).pca_gain;
      Curves& curves =
          images_[cell.image]
              .try_emplace(cell.draw, Curves::Zero(static_cast<Eigen::Index>(sigmas), modes))
              .first->second;
      curves.row(cell.sigma_index) = gain.transpose();
    }
    for (const auto& [image, draws] : images_) order_.push_back(&draws);
  }

  std::size_t Images() const { return order_.size(); }

  Curves ImageMean(std::size_t image) const {
    Curves sum = Zero();
    for (const auto& [draw, curves] : *order_[image]) sum += curves;
    return sum / static_cast<double>(order_[image]->size());
  }

  Curves Mean() const {
    Curves sum = Zero();
    for (std::size_t i = 0; i < Images(); ++i) sum += ImageMean(i);
    return sum / static_cast<double>(Images());
  }

  // Images drawn with replacement, and of each as many draws with replacement.
  Curves Replicate(RandomStream& stream) const {
    Curves sum = Zero();
    for (std::size_t i = 0; i < Images(); ++i) {
      const auto& draws = *order_[stream.Below(Images())];
      for (std::size_t j = 0; j < draws.size(); ++j)
        sum += std::next(draws.begin(), static_cast<std::ptrdiff_t>(stream.Below(draws.size())))
                   ->second /
               static_cast<double>(draws.size());
    }
    return sum / static_cast<double>(Images());
  }

 private:
  using Draws = std::map<std::int64_t, Curves>;
  std::map<std::int64_t, Draws> images_;
  std::vector<const Draws*> order_;
  Curves Zero() const {
    const Curves& any = order_.front()->begin()->second;
    return Curves::Zero(any.rows(), any.cols());
  }
};

class Analysis {
 public:
  Analysis(const std::vector<double>& sigmas,
           const Reference& reference,
           const EmergenceOptions& options)
      : sigmas_(sigmas), reference_(reference), options_(options) {}

  void AddGains(const GainCurves& gains, Curves& mean, std::vector<ModeHalves>& halves) const {
    mean = gains.Mean();
    const auto fill = [&](const Curves& absolute, auto&& assign) {
      const Curves relative = Relative(absolute);
      for (Eigen::Index k = 0; k < absolute.cols(); ++k)
        assign(static_cast<std::size_t>(k),
               Half(sigmas_, ColumnOf(absolute, k)),
               RelativeHalf(relative, k));
    };
    fill(mean, [&](std::size_t k, const HalfLevel& absolute, const HalfLevel& relative) {
      halves[k].gain = absolute;
      halves[k].gain_relative = relative;
    });
    if (gains.Images() < static_cast<std::size_t>(kLeastImagesForIntervals)) return;
    std::vector<std::vector<double>> absolutes(halves.size()), relatives(halves.size());
    for (std::int64_t r = 0; r < options_.replicates; ++r) {
      RandomStream stream(options_.seed, "emergence/bootstrap", static_cast<std::uint64_t>(r));
      fill(gains.Replicate(stream),
           [&](std::size_t k, const HalfLevel& absolute, const HalfLevel& relative) {
             absolutes[k].push_back(absolute.sigma);
             relatives[k].push_back(relative.sigma);
           });
    }
    for (std::size_t k = 0; k < halves.size(); ++k) {
      AddInterval(absolutes[k], halves[k].gain);
      AddInterval(relatives[k], halves[k].gain_relative);
    }
  }

  Eigen::MatrixXd ImageHalves(const GainCurves& gains) const {
    Eigen::MatrixXd halves(static_cast<Eigen::Index>(gains.Images()), reference_.basis.cols());
    for (Eigen::Index i = 0; i < halves.rows(); ++i) {
      const Curves relative = Relative(gains.ImageMean(static_cast<std::size_t>(i)));
      for (Eigen::Index k = 0; k < halves.cols(); ++k)
        halves(i, k) = RelativeHalf(relative, k).sigma;
    }
    return halves;
  }

  void AddResolved(const std::vector<Evaluation>& evaluations,
                   Eigen::VectorXd Evaluation::*values,
                   Eigen::MatrixXf Evaluation::*replicates,
                   Curves& curves,
                   std::vector<ModeHalves>& halves) const {
    const auto S = static_cast<Eigen::Index>(sigmas_.size());
    const auto m = static_cast<Eigen::Index>(halves.size());
    curves.resize(S, m);
    for (Eigen::Index s = 0; s < S; ++s)
      curves.row(s) = (evaluations[static_cast<std::size_t>(s)].*values).transpose();
    const Eigen::Index R = (evaluations[0].*replicates).rows();
    std::vector<double> curve(sigmas_.size());
    for (Eigen::Index k = 0; k < m; ++k) {
      HalfLevel& level = halves[static_cast<std::size_t>(k)].resolved;
      level = Half(sigmas_, ColumnOf(curves, k));
      std::vector<double> drawn;
      for (Eigen::Index r = 0; r < R; ++r) {
        for (std::size_t s = 0; s < sigmas_.size(); ++s)
          curve[s] = (evaluations[s].*replicates)(r, k);
        drawn.push_back(Half(sigmas_, curve).sigma);
      }
      AddInterval(drawn, level);
    }
  }

  EmergenceStatistics Statistics(const std::string& denoiser,
                                 const std::string& measure,
                                 const std::vector<ModeHalves>& halves,
                                 HalfLevel ModeHalves::*member) const {
    EmergenceStatistics s{denoiser, measure};
    std::vector<double> half, lambda, frequency;
    for (std::size_t k = 0; k < halves.size(); ++k) {
      const HalfLevel& level = halves[k].*member;
      if (level.censored != "none") {
        ++s.censored;
        continue;
      }
      half.push_back(std::log(level.sigma));
      lambda.push_back(std::log(reference_.lambda[static_cast<Eigen::Index>(k)]));
      frequency.push_back(reference_.frequency[static_cast<Eigen::Index>(k)]);
    }
    s.modes = static_cast<std::int64_t>(half.size());
    if (half.size() < 3) return s;
    s.rank_lambda = RankCorrelation(half, lambda);
    s.rank_frequency = RankCorrelation(half, frequency);
    s.partial_frequency = PartialRankCorrelation(half, frequency, lambda);
    s.slope = Slope(lambda, half);
    s.spread = StandardDeviation(half);
    return s;
  }

 private:
  HalfLevel RelativeHalf(const Curves& relative, Eigen::Index k) const {
    if (reference_.lambda[k] > kRelativeFloor * sigmas_.front() * sigmas_.front())
      return Half(sigmas_, ColumnOf(relative, k));
    HalfLevel below;
    below.censored = CensoringName(Censoring::kBelow);
    return below;
  }

  const std::vector<double>& sigmas_;
  const Reference& reference_;
  EmergenceOptions options_;
};

}  // namespace

Emergence AnalyzeEmergence(const std::vector<double>& sigmas,
                           const std::vector<Cell>& cells,
                           const std::vector<Evaluation>& evaluations,
                           const Reference& reference,
                           const EmergenceOptions& options) {
  if (cells.empty() || !cells.front().HasLinear())
    throw Error("emergence: expected cells with a linear comparison, found {} cells", cells.size());
  const Eigen::Index m = reference.basis.cols();
  const Analysis analysis(sigmas, reference, options);
  Emergence e;
  e.lambda = reference.lambda.head(m);
  e.frequency = reference.frequency;
  const double gamma =
      static_cast<double>(reference.lambda.size()) / static_cast<double>(reference.n);
  e.sigma_critical = e.lambda.cwiseSqrt() * std::pow(gamma, -0.25);
  e.sigmas =
      Eigen::Map<const Eigen::VectorXd>(sigmas.data(), static_cast<Eigen::Index>(sigmas.size()));
  e.deep.resize(static_cast<std::size_t>(m));
  e.linear.resize(static_cast<std::size_t>(m));
  const GainCurves deep(sigmas.size(), m, cells, false);
  const GainCurves linear(sigmas.size(), m, cells, true);
  analysis.AddGains(deep, e.gain, e.deep);
  analysis.AddGains(linear, e.linear_gain, e.linear);
  e.image_halves = analysis.ImageHalves(deep);
  const bool resolved = evaluations.size() == sigmas.size() && evaluations[0].resolved.size() == m;
  if (resolved) {
    analysis.AddResolved(
        evaluations, &Evaluation::resolved, &Evaluation::replicates, e.resolved, e.deep);
    analysis.AddResolved(evaluations,
                         &Evaluation::linear_resolved,
                         &Evaluation::linear_replicates,
                         e.linear_resolved,
                         e.linear);
    e.mode_error.resize(e.resolved.rows(), m);
    for (Eigen::Index s = 0; s < e.mode_error.rows(); ++s)
      e.mode_error.row(s) = evaluations[static_cast<std::size_t>(s)].mode_error.transpose();
  }
  for (const auto& [name, halves] : {std::pair{"deep", &e.deep}, std::pair{"linear", &e.linear}}) {
    if (resolved)
      e.statistics.push_back(analysis.Statistics(name, "resolved", *halves, &ModeHalves::resolved));
    e.statistics.push_back(analysis.Statistics(name, "gain", *halves, &ModeHalves::gain));
    e.statistics.push_back(
        analysis.Statistics(name, "gain_relative", *halves, &ModeHalves::gain_relative));
  }
  return e;
}

}  // namespace denoscope
