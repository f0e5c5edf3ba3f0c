#include "denoscope/emergence/emergence_analysis.h"

#include <functional>
#include <utility>

#include "denoscope/emergence/gain_curves.h"
#include "denoscope/theory/spiked/spiked_covariance.h"

namespace denoscope {
namespace {

// Gains are read relative to the smallest sigma only where Wiener's own half is not moved by it:
// sqrt(lambda + 2 s0^2), within 5 % of sqrt(lambda) for lambda > 20 s0^2.
constexpr double kRelativeFloor = 20;

// What held-out images give at each level, and the same of images drawn again.
struct Measure {
  Eigen::VectorXd Evaluation::*values;
  Eigen::MatrixXf Evaluation::*replicates;
};
constexpr Measure kResolved = {&Evaluation::resolved, &Evaluation::replicates};
constexpr Measure kGain = {&Evaluation::gain, &Evaluation::gain_replicates};

// The two denoisers that stand side by side.
struct Side {
  const char* name;
  std::vector<ModeHalves> DirectionHalves::*halves;
  Spectrum Cell::*spectrum;
  Measure resolved, band_resolved;
};
constexpr Side kDeep = {"deep",
                        &DirectionHalves::deep,
                        &Cell::deep,
                        kResolved,
                        {&Evaluation::band_resolved, &Evaluation::band_replicates}};
constexpr Side kLinear = {"linear",
                          &DirectionHalves::linear,
                          &Cell::linear,
                          {&Evaluation::linear_resolved, &Evaluation::linear_replicates},
                          {&Evaluation::linear_band_resolved, &Evaluation::linear_band_replicates}};

template <typename Value>
Curves Stacked(const std::vector<Evaluation>& evaluations, const Value& value) {
  Curves curves(static_cast<Eigen::Index>(evaluations.size()),
                std::invoke(value, evaluations[0]).size());
  for (Eigen::Index s = 0; s < curves.rows(); ++s)
    curves.row(s) = std::invoke(value, evaluations[static_cast<std::size_t>(s)]).transpose();
  return curves;
}

Curves Relative(const Curves& gains) { return gains.array().rowwise() / gains.row(0).array(); }

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

DirectionHalves AlongModes(const Reference& reference) {
  const Eigen::VectorXd lambda = reference.lambda.head(reference.basis.cols());
  const double gamma =
      static_cast<double>(reference.lambda.size()) / static_cast<double>(reference.n);
  return Along(lambda, reference.frequency, lambda.unaryExpr([&](double variance) {
    return CriticalSigma(variance, gamma);
  }));
}

// Bands without a vector have no variance and say "no crossing".
DirectionHalves AlongBands(const Reference& reference, const Eigen::VectorXd& variance) {
  return Along(variance,
               reference.band_centre.replicate(reference.band_groups, 1),
               Eigen::VectorXd::Constant(variance.size(), kNotComputed));
}

class Analysis {
 public:
  Analysis(const std::vector<double>& sigmas,
           const std::vector<Cell>& cells,
           const std::vector<Evaluation>& evaluations,
           const Reference& reference,
           const EmergenceOptions& options)
      : sigmas_(sigmas),
        cells_(cells),
        evaluations_(evaluations),
        reference_(reference),
        options_(options) {
    static_cast<DirectionHalves&>(e_) = AlongModes(reference);
    e_.sigmas =
        Eigen::Map<const Eigen::VectorXd>(sigmas.data(), static_cast<Eigen::Index>(sigmas.size()));
  }

  void AddResolved() {
    if (!Has(kResolved)) return;
    for (const Side& side : {kDeep, kLinear})
      Add(side, "resolved", OfImages(evaluations_, side.resolved), e_, &ModeHalves::resolved);
    e_.resolved = Stacked(evaluations_, kDeep.resolved.values);
    e_.linear_resolved = Stacked(evaluations_, kLinear.resolved.values);
    e_.mode_error = Stacked(evaluations_, &Evaluation::mode_error);
  }

  void AddGains() {
    const GainCurves deep = CellGains(kDeep, &Spectrum::pca_gain);
    const GainCurves linear = CellGains(kLinear, &Spectrum::pca_gain);
    const bool measured = Has(kGain);
    e_.gain = measured ? Stacked(evaluations_, kGain.values) : deep.Mean();
    e_.linear_gain = linear.Mean();
    e_.image_halves = ImageHalves(deep);
    Add(kDeep,
        "gain",
        measured ? OfImages(evaluations_, kGain) : OfCells(deep, false),
        e_,
        &ModeHalves::gain);
    Add(kLinear, "gain", OfCells(linear, false), e_, &ModeHalves::gain);
    Add(kDeep, "gain_relative", OfCells(deep, true), e_, &ModeHalves::gain_relative);
    Add(kLinear, "gain_relative", OfCells(linear, true), e_, &ModeHalves::gain_relative);
  }

  void AddBands() {
    if (!Has(kDeep.band_resolved)) return;
    DirectionHalves& bands = e_.bands = AlongBands(reference_, evaluations_[0].band_variance);
    for (const Side& side : {kDeep, kLinear})
      Add(side,
          "band_resolved",
          OfImages(evaluations_, side.band_resolved),
          bands,
          &ModeHalves::resolved);
    for (const Side& side : {kDeep, kLinear})
      Add(side,
          "band_gain",
          OfCells(CellGains(side, &Spectrum::band_gain), false),
          bands,
          &ModeHalves::gain);
  }

  void AddNull(const NullEvaluations& null) {
    for (const auto& [measure, what] : {std::pair{"resolved", kResolved}, std::pair{"gain", kGain}})
      e_.statistics.push_back(LevelStatistics(
          null.name, measure, OfImages(null.evaluations, what), e_.lambda, e_.frequency));
    e_.nulls.push_back({null.name,
                        Stacked(null.evaluations, kResolved.values),
                        Stacked(null.evaluations, kGain.values)});
  }

  Emergence Result() && { return std::move(e_); }

 private:
  bool Has(const Measure& measure) const {
    return evaluations_.size() == sigmas_.size() && (evaluations_[0].*measure.values).size() > 0;
  }

  GainCurves CellGains(const Side& side, Eigen::VectorXd Spectrum::*gain) const {
    return GainCurves(sigmas_.size(), cells_, side.spectrum, gain);
  }

  Halves OfImages(const std::vector<Evaluation>& evaluations, const Measure& measure) const {
    return HalvesOf(
        sigmas_,
        Stacked(evaluations, measure.values),
        (evaluations[0].*measure.replicates).rows(),
        [&](Eigen::Index r) {
          return Stacked(evaluations, [&](const Evaluation& e) {
            return Eigen::VectorXd((e.*measure.replicates).row(r).transpose().cast<double>());
          });
        });
  }

  // Of gains as they are, or divided by those at the smallest sigma.
  Halves OfCells(const GainCurves& gains, bool relative) const {
    const auto read = [&](const Curves& absolute) {
      return relative ? Relative(absolute) : absolute;
    };
    const bool enough = gains.Images() >= static_cast<std::size_t>(kLeastImages);
    Halves halves = HalvesOf(
        sigmas_, read(gains.Mean()), enough ? options_.replicates : 0, [&](Eigen::Index r) {
          RandomStream stream(options_.seed, "emergence/bootstrap", static_cast<std::uint64_t>(r));
          return read(gains.Replicate(stream));
        });
    if (relative) Censor(halves);
    return halves;
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

  void Censor(Halves& halves) const {
    for (std::size_t k = 0; k < halves.levels.size(); ++k) {
      const auto column = static_cast<Eigen::Index>(k);
      if (reference_.lambda[column] > kRelativeFloor * sigmas_.front() * sigmas_.front()) continue;
      halves.levels[k] = {};
      halves.levels[k].censored = Censoring::kBelow;
      halves.replicates.col(column).setConstant(kNotComputed);
    }
  }

  // Their statistics over the directions `along`, too.
  void Add(const Side& side,
           const char* measure,
           const Halves& halves,
           DirectionHalves& along,
           HalfLevel ModeHalves::*member) {
    std::vector<ModeHalves>& modes = along.*side.halves;
    for (std::size_t k = 0; k < modes.size(); ++k) modes[k].*member = halves.levels[k];
    e_.statistics.push_back(
        LevelStatistics(side.name, measure, halves, along.lambda, along.frequency));
  }

  const std::vector<double>& sigmas_;
  const std::vector<Cell>& cells_;
  const std::vector<Evaluation>& evaluations_;
  const Reference& reference_;
  EmergenceOptions options_;
  Emergence e_;
};

}  // namespace

Emergence AnalyzeEmergence(const std::vector<double>& sigmas,
                           const std::vector<Cell>& cells,
                           const std::vector<Evaluation>& evaluations,
                           const Reference& reference,
                           const EmergenceOptions& options,
                           const std::vector<NullEvaluations>& nulls) {
  if (cells.empty() || !cells.front().HasLinear())
    throw Error("emergence: expected cells with a linear comparison, found {} cells", cells.size());
  Analysis analysis(sigmas, cells, evaluations, reference, options);
  analysis.AddResolved();
  analysis.AddGains();
  analysis.AddBands();
  for (const NullEvaluations& null : nulls) analysis.AddNull(null);
  return std::move(analysis).Result();
}

}  // namespace denoscope
