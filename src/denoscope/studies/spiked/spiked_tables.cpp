#include "denoscope/studies/spiked/spiked_tables.h"

#include <algorithm>
#include <cmath>

#include "denoscope/results/spiked_columns.h"
#include "denoscope/studies/spiked/spiked_spectrum_tables.h"
#include "denoscope/studies/spiked/spiked_trials.h"
#include "denoscope/theory/spiked/marchenko_pastur.h"
#include "denoscope/theory/spiked/spiked_covariance.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr int kTheoryPoints = 201;  // of the smooth curves over strength
constexpr int kBins = 50;           // of the bulk's histogram
// Eigenvalues below this share of the bulk's edge are the zeros of a singular covariance, rounded.
constexpr double kZero = 1e-10;

std::vector<double> Start(const SpikedCase& at) {
  return {static_cast<double>(at.d), static_cast<double>(at.n)};
}

VectorXd SinOf(const VectorXd& cos2) { return (1 - cos2.array()).max(0.0).sqrt(); }

struct Gains {  // of the three denoisers g u_hat u_hat^T on a spike of strength t
  double best, wiener, projection = 1;
};

Gains GainsAt(double t, double gamma) {
  return {EstimatedGain(t, SpikeAlignment(t, gamma)), WienerGain(t)};
}

void AddSpikes(const SpikedTrials& trials,
               const SpikedCase& at,
               const std::vector<double>& strengths,
               Table& table) {
  const double gamma = at.Gamma();
  const TrialMean cos2 = trials.Mean("cos2"), eigenvalues = trials.Mean("eigenvalues");
  const TrialMean sines = trials.Mean("cos2", SinOf);
  for (std::size_t i = 0; i < strengths.size(); ++i) {
    const auto s = static_cast<Index>(i);
    const double t = strengths[i] * std::sqrt(gamma), expected = SpikeAlignment(t, gamma);
    std::vector<double> row = Start(at);
    row.insert(row.end(), {gamma, strengths[i], t, static_cast<double>(trials.Count())});
    row.insert(row.end(), {cos2.mean(s), cos2.error(s), expected});
    row.insert(row.end(), {sines.mean(s), sines.error(s), std::sqrt(1 - expected)});
    row.insert(row.end(), {eigenvalues.mean(s), eigenvalues.error(s), SpikeEigenvalue(t, gamma)});
    const Gains gains = GainsAt(t, gamma);
    for (const double gain : {gains.best, gains.wiener, gains.projection}) {
      const TrialMean mse = trials.Mean("cos2", [&](const VectorXd& c) {
        return VectorXd::Constant(1, GainError(gain, {t, std::min(1.0, c(s))}));
      });
      row.insert(row.end(), {gain, mse.mean(0), mse.error(0), GainError(gain, {t, expected})});
    }
    AddRow(table, row);
  }
}

void AddSpikeTheory(const SpikedCase& at, const std::vector<double>& strengths, Table& table) {
  const double gamma = at.Gamma(), low = strengths.front(), high = strengths.back();
  for (int i = 0; i < kTheoryPoints; ++i) {
    const double s = low * std::pow(high / low, i / (kTheoryPoints - 1.0));
    const double t = s * std::sqrt(gamma), c2 = SpikeAlignment(t, gamma);
    std::vector<double> row = Start(at);
    row.insert(row.end(), {gamma, s, t, c2, SpikeEigenvalue(t, gamma)});
    const Gains gains = GainsAt(t, gamma);
    for (const double gain : {gains.best, gains.wiener, gains.projection})
      row.insert(row.end(), {gain, GainError(gain, {t, c2})});
    AddRow(table, row);
  }
}

double HistogramEnd(const MarchenkoPastur& law) {
  return law.UpperEdge() + 0.12 * (law.UpperEdge() - law.LowerEdge());
}

void AddBulk(const SpikedTrials& trials, const SpikedCase& at, Table& table) {
  const MarchenkoPastur law(at.Gamma());
  const double zero = kZero * law.UpperEdge();
  const double low = std::max(0.0, law.LowerEdge() - 0.12 * (law.UpperEdge() - law.LowerEdge()));
  const double width = (HistogramEnd(law) - low) / kBins;
  const double scale = 1 / (static_cast<double>(at.d) * width);
  const TrialMean density = trials.Mean("bulk", [&](const VectorXd& values) {
    VectorXd counts = VectorXd::Zero(kBins);
    for (const double x : values)
      if (const double bin = (x - low) / width; x > zero && bin >= 0 && bin < kBins)
        counts(static_cast<Index>(bin)) += scale;
    return counts;
  });
  for (int i = 0; i < kBins; ++i) {
    const double left = low + i * width, right = left + width;
    const double below = left > 0 ? law.Cdf(left) : law.AtomAtZero();
    std::vector<double> row = Start(at);
    row.insert(row.end(),
               {at.Gamma(),
                left,
                right,
                density.mean(i),
                density.error(i),
                (law.Cdf(right) - below) / width});
    AddRow(table, row);
  }
}

// Greatest distance of the distribution function of descending noise eigenvalues from the law.
double KolmogorovDistance(const VectorXd& noise, const MarchenkoPastur& law) {
  const double zero = kZero * law.UpperEdge();
  const auto count = static_cast<double>(noise.size());
  double distance = 0;
  for (Index i = 0; i < noise.size(); ++i) {
    const double x = noise(noise.size() - 1 - i), cdf = law.Cdf(x > zero ? x : 0);
    const double after = static_cast<double>(i + 1) / count,
                 before = static_cast<double>(i) / count;
    distance = std::max(distance, x > zero ? std::max(after - cdf, cdf - before) : 0);
  }
  return distance;
}

void AddBulkFit(const SpikedTrials& trials, const SpikedCase& at, Table& table) {
  const MarchenkoPastur law(at.Gamma());
  const VectorXd strengths = BulkStrengths(at);
  const Index visible = (strengths.array() > 1).count();
  const TrialMean found = trials.Mean("bulk", [&](const VectorXd& values) -> VectorXd {
    const VectorXd noise = values.tail(values.size() - visible);
    return Eigen::Vector3d(noise(0),
                           static_cast<double>((noise.array() > law.UpperEdge()).count()) /
                               static_cast<double>(noise.size()),
                           KolmogorovDistance(noise, law));
  });
  std::vector<double> row = Start(at);
  row.insert(row.end(), {at.Gamma(), static_cast<double>(trials.Count()), law.LowerEdge()});
  row.insert(row.end(), {law.UpperEdge(), law.AtomAtZero()});
  for (Index i = 0; i < 3; ++i) row.insert(row.end(), {found.mean(i), found.error(i)});
  AddRow(table, row);
}

void AddBulkSpikes(const SpikedTrials& trials, const SpikedCase& at, Table& table) {
  const double gamma = at.Gamma();
  const VectorXd strengths = BulkStrengths(at);
  const TrialMean cos2 = trials.Mean("cos2"), eigenvalues = trials.Mean("eigenvalues");
  for (Index k = 0; k < strengths.size(); ++k) {
    const double t = strengths(k) * std::sqrt(gamma);
    std::vector<double> row = Start(at);
    row.insert(row.end(), {gamma, strengths(k), t, static_cast<double>(trials.Count())});
    row.insert(row.end(), {eigenvalues.mean(k), eigenvalues.error(k), SpikeEigenvalue(t, gamma)});
    row.insert(row.end(), {cos2.mean(k), cos2.error(k), SpikeAlignment(t, gamma)});
    AddRow(table, row);
  }
}

std::map<std::string, Table> EmptyTables() {
  std::map<std::string, Table> tables;
  for (const TableSpec& spec : {kSpikedSpikes,
                                kSpikedTheory,
                                kSpikedBulk,
                                kSpikedBulkFit,
                                kSpikedBulkSpikes,
                                kSpikedModes,
                                kSpikedAligning,
                                kSpikedLearning,
                                kSpikedGains})
    tables[spec.file] = spec.Empty();
  return tables;
}

}  // namespace

std::map<std::string, Table> SpikedTables(const RunFolder& run, const SpikedStudyOptions& options) {
  std::map<std::string, Table> tables = EmptyTables();
  for (const SpikedCase& at : SpikedCases(options)) {
    const SpikedTrials trials(run, at);
    if (at.question == "spike") {
      AddSpikes(trials, at, options.strengths, tables[kSpikedSpikes.file]);
      AddSpikeTheory(at, options.strengths, tables[kSpikedTheory.file]);
    } else if (at.question == "bulk") {
      AddBulk(trials, at, tables[kSpikedBulk.file]);
      AddBulkFit(trials, at, tables[kSpikedBulkFit.file]);
      AddBulkSpikes(trials, at, tables[kSpikedBulkSpikes.file]);
    } else {
      AddSpectrumTables(trials, at, options, tables);
    }
  }
  return tables;
}

}  // namespace denoscope
