#include "denoscope/emergence/emergence_analysis.h"

#include <cmath>

#include "denoscope/emergence/gain_curves.h"
#include "denoscope/theory/frequency/emergence.h"

namespace denoscope {
namespace {

// Gains are read relative to the smallest sigma only where Wiener's own half is not moved by it:
// sqrt(lambda + 2 s0^2), within 5 % of sqrt(lambda) for lambda > 20 s0^2.
constexpr double kRelativeFloor = 20;

template <typename Value>
Curves Stacked(const std::vector<Evaluation>& evaluations, const Value& value) {
  Curves curves(static_cast<Eigen::Index>(evaluations.size()), value(evaluations[0]).size());
  for (Eigen::Index s = 0; s < curves.rows(); ++s)
    curves.row(s) = value(evaluations[static_cast<std::size_t>(s)]).transpose();
  return curves;
}

class Analysis {
 public:
  Analysis(const std::vector<double>& sigmas,
           const Reference& reference,
           const EmergenceOptions& options,
           Emergence& e)
      : sigmas_(sigmas), reference_(reference), options_(options), e_(e) {}

  // Levels of what evaluations hold, and their statistics over the directions `along`.
  void AddMeasured(const std::string& denoiser,
                   const std::string& measure,
                   const std::vector<Evaluation>& evaluations,
                   Eigen::VectorXd Evaluation::*values,
                   Eigen::MatrixXf Evaluation::*replicates,
                   const DirectionHalves& along,
                   std::vector<ModeHalves>* modes,
                   HalfLevel ModeHalves::*member,
                   Curves* curves) {
    const Curves mean = Stacked(evaluations, [&](const Evaluation& e) { return e.*values; });
    const Halves halves =
        HalvesOf(sigmas_, mean, (evaluations[0].*replicates).rows(), [&](Eigen::Index r) {
          return Stacked(evaluations, [&](const Evaluation& e) {
            return Eigen::VectorXd((e.*replicates).row(r).transpose().cast<double>());
          });
        });
    if (curves) *curves = mean;
    Add(denoiser, measure, halves, along, modes, member);
  }

  // The same of what cells hold: gains, as they are or divided by those at the smallest sigma.
  void AddGains(const std::string& denoiser,
                const std::string& measure,
                const GainCurves& gains,
                bool relative,
                const DirectionHalves& along,
                std::vector<ModeHalves>* modes,
                HalfLevel ModeHalves::*member) {
    const auto read = [&](const Curves& absolute) {
      return relative ? Relative(absolute) : absolute;
    };
    const bool enough = gains.Images() >= static_cast<std::size_t>(kLeastImagesForIntervals);
    Halves halves = HalvesOf(
        sigmas_, read(gains.Mean()), enough ? options_.replicates : 0, [&](Eigen::Index r) {
          RandomStream stream(options_.seed, "emergence/bootstrap", static_cast<std::uint64_t>(r));
          return read(gains.Replicate(stream));
        });
    if (relative) Censor(halves);
    Add(denoiser, measure, halves, along, modes, member);
  }

  Eigen::MatrixXd ImageHalves(const GainCurves& gains) const {
    Eigen::MatrixXd levels(static_cast<Eigen::Index>(gains.Images()), reference_.basis.cols());
    for (Eigen::Index i = 0; i < levels.rows(); ++i) {
      Halves halves =
          HalvesOf(sigmas_, Relative(gains.ImageMean(static_cast<std::size_t>(i))), 0, {});
      Censor(halves);
      for (Eigen::Index k = 0; k < levels.cols(); ++k)
        levels(i, k) = halves.levels[static_cast<std::size_t>(k)].sigma;
    }
    return levels;
  }

 private:
  static Curves Relative(const Curves& gains) {
    return gains.array().rowwise() / gains.row(0).array();
  }

  void Censor(Halves& halves) const {
    for (std::size_t k = 0; k < halves.levels.size(); ++k) {
      const auto column = static_cast<Eigen::Index>(k);
      if (reference_.lambda[column] > kRelativeFloor * sigmas_.front() * sigmas_.front()) continue;
      halves.levels[k] = {};
      halves.levels[k].censored = CensoringName(Censoring::kBelow);
      halves.replicates.col(column).setConstant(kNotComputed);
    }
  }

  void Add(const std::string& denoiser,
           const std::string& measure,
           const Halves& halves,
           const DirectionHalves& along,
           std::vector<ModeHalves>* modes,
           HalfLevel ModeHalves::*member) {
    for (std::size_t k = 0; modes && k < modes->size(); ++k) (*modes)[k].*member = halves.levels[k];
    e_.statistics.push_back(
        LevelStatistics(denoiser, measure, halves, along.lambda, along.frequency));
  }

  const std::vector<double>& sigmas_;
  const Reference& reference_;
  EmergenceOptions options_;
  Emergence& e_;
};

DirectionHalves Along(const Eigen::VectorXd& lambda,
                      const Eigen::VectorXd& frequency,
                      const Eigen::VectorXd& critical) {
  DirectionHalves along;
  along.lambda = lambda;
  along.frequency = frequency;
  along.sigma_critical = critical;
  along.deep.resize(static_cast<std::size_t>(lambda.size()));
  along.linear.resize(along.deep.size());
  return along;
}

// Bands without a vector have no variance and say "no crossing".
DirectionHalves AlongBands(const Reference& reference, const Eigen::VectorXd& variance) {
  return Along(variance,
               reference.band_centre.replicate(reference.band_groups, 1),
               Eigen::VectorXd::Constant(variance.size(), kNotComputed));
}

bool Measured(const std::vector<double>& sigmas,
              const std::vector<Evaluation>& evaluations,
              Eigen::VectorXd Evaluation::*values) {
  return evaluations.size() == sigmas.size() && (evaluations[0].*values).size() > 0;
}

}  // namespace

Emergence AnalyzeEmergence(const std::vector<double>& sigmas,
                           const std::vector<Cell>& cells,
                           const std::vector<Evaluation>& evaluations,
                           const Reference& reference,
                           const EmergenceOptions& options,
                           const std::vector<NullEvaluations>& nulls) {
  if (cells.empty() || !cells.front().HasLinear())
    throw Error("emergence: expected cells with a linear comparison, found {} cells", cells.size());
  using M = ModeHalves;
  const Eigen::VectorXd lambda = reference.lambda.head(reference.basis.cols());
  const double gamma =
      static_cast<double>(reference.lambda.size()) / static_cast<double>(reference.n);
  Emergence e;
  static_cast<DirectionHalves&>(e) =
      Along(lambda, reference.frequency, lambda.cwiseSqrt() * std::pow(gamma, -0.25));
  e.sigmas =
      Eigen::Map<const Eigen::VectorXd>(sigmas.data(), static_cast<Eigen::Index>(sigmas.size()));
  Analysis analysis(sigmas, reference, options, e);
  const GainCurves deep(sigmas.size(), cells, &Cell::deep, &Spectrum::pca_gain);
  const GainCurves linear(sigmas.size(), cells, &Cell::linear, &Spectrum::pca_gain);
  e.gain = deep.Mean();
  e.linear_gain = linear.Mean();
  e.image_halves = analysis.ImageHalves(deep);

  using E = Evaluation;
  if (Measured(sigmas, evaluations, &E::resolved)) {
    analysis.AddMeasured("deep",
                         "resolved",
                         evaluations,
                         &E::resolved,
                         &E::replicates,
                         e,
                         &e.deep,
                         &M::resolved,
                         &e.resolved);
    analysis.AddMeasured("linear",
                         "resolved",
                         evaluations,
                         &E::linear_resolved,
                         &E::linear_replicates,
                         e,
                         &e.linear,
                         &M::resolved,
                         &e.linear_resolved);
    e.mode_error = Stacked(evaluations, [](const E& at) { return at.mode_error; });
  }
  if (Measured(sigmas, evaluations, &E::gain))
    analysis.AddMeasured(
        "deep", "gain", evaluations, &E::gain, &E::gain_replicates, e, &e.deep, &M::gain, &e.gain);
  else
    analysis.AddGains("deep", "gain", deep, false, e, &e.deep, &M::gain);
  analysis.AddGains("linear", "gain", linear, false, e, &e.linear, &M::gain);
  analysis.AddGains("deep", "gain_relative", deep, true, e, &e.deep, &M::gain_relative);
  analysis.AddGains("linear", "gain_relative", linear, true, e, &e.linear, &M::gain_relative);

  if (Measured(sigmas, evaluations, &E::band_resolved)) {
    e.bands = AlongBands(reference, evaluations[0].band_variance);
    analysis.AddMeasured("deep",
                         "band_resolved",
                         evaluations,
                         &E::band_resolved,
                         &E::band_replicates,
                         e.bands,
                         &e.bands.deep,
                         &M::resolved,
                         nullptr);
    analysis.AddMeasured("linear",
                         "band_resolved",
                         evaluations,
                         &E::linear_band_resolved,
                         &E::linear_band_replicates,
                         e.bands,
                         &e.bands.linear,
                         &M::resolved,
                         nullptr);
    const auto band_gains = [&](Spectrum Cell::*which) {
      return GainCurves(sigmas.size(), cells, which, &Spectrum::band_gain);
    };
    analysis.AddGains(
        "deep", "band_gain", band_gains(&Cell::deep), false, e.bands, &e.bands.deep, &M::gain);
    analysis.AddGains("linear",
                      "band_gain",
                      band_gains(&Cell::linear),
                      false,
                      e.bands,
                      &e.bands.linear,
                      &M::gain);
  }
  for (const NullEvaluations& null : nulls) {
    NullCurves curves{null.name, {}, {}};
    analysis.AddMeasured(null.name,
                         "resolved",
                         null.evaluations,
                         &E::resolved,
                         &E::replicates,
                         e,
                         nullptr,
                         nullptr,
                         &curves.resolved);
    analysis.AddMeasured(null.name,
                         "gain",
                         null.evaluations,
                         &E::gain,
                         &E::gain_replicates,
                         e,
                         nullptr,
                         nullptr,
                         &curves.gain);
    e.nulls.push_back(std::move(curves));
  }
  return e;
}

}  // namespace denoscope
