#include "denoscope/studies/spiked/spiked_units.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "denoscope/base/cancel.h"
#include "denoscope/base/random.h"
#include "denoscope/theory/optimal/learned_denoisers.h"
#include "denoscope/theory/spiked/spike_sweep.h"
#include "denoscope/theory/spiked/spiked_simulation.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::int64_t kTrialsAUnit = 10;
constexpr std::int64_t kBulkTrials = 10;  // of d eigenvalues each: the histogram needs no more

VectorXd Vector(const std::vector<double>& values) {
  return Eigen::Map<const VectorXd>(values.data(), static_cast<Index>(values.size()));
}

std::uint64_t SeedOf(const SpikedStudyOptions& options, const SpikedCase& at) {
  const bool learns = at.question == "plug-in" || at.question == "regression";
  return StreamSeed(
      options.seed,
      fmt::format("spiked study {} d {} n {}", learns ? "learning" : at.question, at.d, at.n));
}

// A row a trial in each array, put together from what one trial gives.
class TrialRows {
 public:
  explicit TrialRows(std::int64_t trials) : trials_(trials) {}

  void Set(const std::string& name, std::int64_t row, const VectorXd& values) {
    RowMajor& rows = rows_[name];
    if (rows.size() == 0) rows.resize(static_cast<Index>(trials_), values.size());
    rows.row(static_cast<Index>(row)) = values;
  }
  Npz Result() const {
    Npz npz;
    for (const auto& [name, rows] : rows_)
      npz[name] = Array::From<double>({rows.rows(), rows.cols()}, rows.data());
    return npz;
  }

 private:
  std::int64_t trials_;
  std::map<std::string, RowMajor> rows_;
};

using Row = std::function<void(const std::string& name, const VectorXd& values)>;

void SpikeTrial(const SpikedStudyOptions& options,
                const SpikedCase& at,
                std::int64_t trial,
                const Row& row) {
  const SpikeSweepTrial found =
      RunSpikeSweepTrial({at.d,
                          at.n,
                          std::sqrt(at.Gamma()) * Vector(options.strengths),
                          at.trials,
                          SeedOf(options, at)},
                         trial);
  row("eigenvalues", found.eigenvalues);
  row("cos2", found.cos2);
}

void BulkTrial(const SpikedStudyOptions& options,
               const SpikedCase& at,
               std::int64_t trial,
               const Row& row) {
  const VectorXd lambda = (std::sqrt(at.Gamma()) * BulkStrengths(at)).reverse();
  const Population population = {at.d, lambda, at.n, SeedOf(options, at)};
  const NoisyPcaTrial found =
      RunNoisyPcaTrial(population, {1, lambda.size(), true, at.trials}, trial);
  row("bulk", found.bulk);
  row("eigenvalues", found.eigenvalues.reverse());
  row("cos2", found.cos2.reverse());
}

void ModesTrial(const SpikedStudyOptions& options,
                const SpikedCase& at,
                std::int64_t trial,
                const Row& row) {
  const Population population = {at.d, StudiedSpectrum(options, at.d), at.n, SeedOf(options, at)};
  const auto S = static_cast<Index>(options.sigmas.size());
  const Index K = std::min<Index>(options.modes, population.lambda.size());
  VectorXd eigenvalues(S * K), cos2(S * K), signal(S * K);
  for (Index s = 0; s < S; ++s) {
    const double sigma = options.sigmas[static_cast<std::size_t>(s)];
    const NoisyPcaTrial found = RunNoisyPcaTrial(population, {sigma, K, false, at.trials}, trial);
    eigenvalues.segment(s * K, K) = found.eigenvalues;
    cos2.segment(s * K, K) = found.cos2;
    signal.segment(s * K, K) = found.signal;
  }
  row("eigenvalues", eigenvalues);
  row("cos2", cos2);
  row("signal", signal);
}

void LearningTrialRow(const SpikedStudyOptions& options,
                      const SpikedCase& at,
                      std::int64_t trial,
                      const Row& row) {
  const Population population = {at.d, StudiedSpectrum(options, at.d), at.n, SeedOf(options, at)};
  const Learning method = at.question == "plug-in" ? Learning::kPlugIn : Learning::kRegression;
  const LearningTrial found =
      RunLearningTrial(population, {method, Vector(options.sigmas), at.trials}, trial);
  row("gains", found.gains.reshaped());
  row("mse", found.mse);
  row("belief", found.belief);
}

// Sizes of the trailing dimensions, which rows hold flattened.
void Unfold(Npz& npz, const std::vector<std::string>& names, std::int64_t sigmas) {
  for (const std::string& name : names) {
    Shape& shape = npz.at(name).shape;
    shape = {shape[0], sigmas, shape[1] / sigmas};
  }
}

}  // namespace

std::vector<SpikedCase> SpikedCases(const SpikedStudyOptions& options) {
  std::vector<SpikedCase> cases;
  const auto add = [&](const std::string& question, std::int64_t d, std::int64_t trials) {
    for (const double ratio : options.ratios)
      cases.push_back({question, d, std::llround(ratio * static_cast<double>(d)), trials});
  };
  for (const std::int64_t d : options.d) add("spike", d, options.trials);
  add("bulk", options.d.back(), std::min(options.trials, kBulkTrials));
  for (const char* question : {"modes", "plug-in", "regression"})
    add(question, options.d.front(), options.trials);
  return cases;
}

std::string SpikedUnit::Name() const {
  return fmt::format("{}_d-{:05}_n-{:06}_trial-{:04}", at.question, at.d, at.n, first);
}

std::string SpikedUnit::Note() const {
  return fmt::format("{}, d {}, n {}", at.question, at.d, at.n);
}

std::vector<SpikedUnit> SpikedUnits(const SpikedCase& at) {
  std::vector<SpikedUnit> units;
  for (std::int64_t first = 0; first < at.trials; first += kTrialsAUnit)
    units.push_back({at, first, std::min(kTrialsAUnit, at.trials - first)});
  return units;
}

std::vector<SpikedUnit> SpikedUnits(const SpikedStudyOptions& options) {
  std::vector<SpikedUnit> units;
  for (const SpikedCase& at : SpikedCases(options))
    for (const SpikedUnit& unit : SpikedUnits(at)) units.push_back(unit);
  return units;
}

Npz ComputeSpikedUnit(const SpikedStudyOptions& options, const SpikedUnit& unit) {
  const std::string& question = unit.at.question;
  const auto run = question == "spike"   ? SpikeTrial
                   : question == "bulk"  ? BulkTrial
                   : question == "modes" ? ModesTrial
                                         : LearningTrialRow;
  TrialRows rows(unit.count);
  for (std::int64_t i = 0; i < unit.count; ++i) {
    StopIfCancelled("spiked study");
    run(options, unit.at, unit.first + i, [&](const std::string& name, const VectorXd& values) {
      rows.Set(name, i, values);
    });
  }
  Npz npz = rows.Result();
  const auto sigmas = static_cast<std::int64_t>(options.sigmas.size());
  if (question == "modes")
    Unfold(npz, {"eigenvalues", "cos2", "signal"}, sigmas);
  else if (npz.count("gains") > 0)
    Unfold(npz, {"gains"}, sigmas);
  return npz;
}

VectorXd StudiedSpectrum(const SpikedStudyOptions& options, Index d) {
  if (!options.spectrum.empty()) return Vector(options.spectrum);
  VectorXd lambda(d);
  for (Index k = 0; k < d; ++k)
    lambda[k] = options.power_scale * std::pow(static_cast<double>(k + 1), -options.power_decay);
  return lambda;
}

VectorXd BulkStrengths(const SpikedCase& at) {
  const VectorXd strengths = Eigen::Vector3d(0.5, 2, 4);
  return strengths.tail(std::min<Index>(3, at.n - 1));
}

}  // namespace denoscope
