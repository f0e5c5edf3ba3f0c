#include "denoscope/studies/spiked/spiked_spectrum_tables.h"

#include <algorithm>
#include <cmath>

#include "denoscope/results/spiked_columns.h"
#include "denoscope/theory/frequency/emergence.h"
#include "denoscope/theory/optimal/kappa.h"
#include "denoscope/theory/optimal/wiener.h"
#include "denoscope/theory/spiked/anisotropic_spikes.h"
#include "denoscope/theory/spiked/mode_mixing.h"
#include "denoscope/theory/spiked/spiked_covariance.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

std::vector<double> Start(const SpikedCase& at) {
  return {static_cast<double>(at.d), static_cast<double>(at.n)};
}

VectorXd SinOf(const VectorXd& cos2) { return (1 - cos2.array()).max(0.0).sqrt(); }

struct Crowd {
  SpikedCase at;
  VectorXd lambda;  // of the modes and all others
  CrowdedSpectrum spectrum;
  Index modes = 0;
};

Crowd CrowdAt(const SpikedStudyOptions& options, const SpikedCase& at) {
  const VectorXd lambda = StudiedSpectrum(options, at.d);
  VectorXd full = VectorXd::Zero(at.d);
  full.head(lambda.size()) = lambda;
  return {at, lambda, {full, at.n - 1}, std::min<Index>(options.modes, lambda.size())};
}

void AddModes(const SpikedTrials& trials,
              const Crowd& crowd,
              const std::vector<double>& sigmas,
              Table& table) {
  const TrialMean cos2 = trials.Mean("cos2"), eigenvalues = trials.Mean("eigenvalues");
  const TrialMean sines = trials.Mean("cos2", SinOf), signal = trials.Mean("signal");
  for (std::size_t s = 0; s < sigmas.size(); ++s)
    for (Index k = 0; k < crowd.modes; ++k) {
      const Index i = static_cast<Index>(s) * crowd.modes + k;
      const double variance = sigmas[s] * sigmas[s], t = crowd.lambda(k) / variance;
      const CrowdedMode mode = SeeMode(crowd.spectrum, k, sigmas[s]);
      std::vector<double> row = Start(crowd.at);
      row.insert(row.end(), {sigmas[s], static_cast<double>(k), crowd.lambda(k)});
      row.insert(row.end(), {static_cast<double>(trials.Count()), cos2.mean(i), cos2.error(i)});
      row.insert(row.end(),
                 {SpikeAlignment(t, crowd.at.Gamma()),
                  mode.alignment,
                  MixedAlignment(crowd.spectrum, k, sigmas[s])});
      row.insert(row.end(), {sines.mean(i), sines.error(i)});
      row.insert(row.end(),
                 {eigenvalues.mean(i),
                  eigenvalues.error(i),
                  variance * SpikeEigenvalue(t, crowd.at.Gamma()),
                  mode.eigenvalue});
      row.insert(row.end(), {signal.mean(i), signal.error(i)});
      AddRow(table, row);
    }
}

// sigma at which mean cos^2, moved by `shift` standard errors, falls to 1/2.
Crossing MeasuredAligning(const TrialMean& cos2,
                          const std::vector<double>& sigmas,
                          Index k,
                          double shift) {
  const Index modes = cos2.mean.size() / static_cast<Index>(sigmas.size());
  std::vector<double> values;
  for (Index i = k; i < cos2.mean.size(); i += modes)
    values.push_back(cos2.mean(i) + shift * cos2.error(i));
  return LastFall(sigmas, values, 0.5);
}

void AddAligning(const SpikedTrials& trials,
                 const Crowd& crowd,
                 const std::vector<double>& sigmas,
                 Table& table) {
  const TrialMean cos2 = trials.Mean("cos2");
  const double gamma = crowd.at.Gamma();
  for (Index k = 0; k < crowd.modes; ++k) {
    const Crossing found = MeasuredAligning(cos2, sigmas, k, 0);
    std::vector<double> row = Start(crowd.at);
    row.insert(row.end(), {static_cast<double>(k), crowd.lambda(k)});
    row.insert(row.end(),
               {CriticalSigma(crowd.lambda(k), gamma), CrowdedCriticalSigma(crowd.spectrum, k)});
    row.insert(row.end(),
               {AligningSigma(crowd.lambda(k), gamma),
                CrowdedAligningSigma(crowd.spectrum, k),
                MixedAligningSigma(crowd.spectrum, k)});
    row.insert(row.end(),
               {found.sigma,
                MeasuredAligning(cos2, sigmas, k, -1).sigma,
                MeasuredAligning(cos2, sigmas, k, 1).sigma});
    AddRow(table, row);
    table.rows.back().push_back(NameOf(found.censored));
  }
}

LearnedDenoiser TheoryOf(const SpikedCase& at, const Crowd& crowd, double sigma) {
  const LearningProblem problem = {crowd.spectrum.lambda, sigma, at.n, true};
  return at.question == "plug-in" ? PlugInTheory(problem) : RegressionTheory(problem);
}

void AddLearning(const SpikedTrials& trials,
                 const Crowd& crowd,
                 const std::vector<double>& sigmas,
                 std::map<std::string, Table>& tables) {
  const TrialMean gains = trials.Mean("gains"), mse = trials.Mean("mse");
  const TrialMean belief = trials.Mean("belief");
  const Index r = crowd.lambda.size();
  const auto count = static_cast<double>(trials.Count());
  const auto named = [&](Table& table) {
    table.rows.back().insert(table.rows.back().begin(), crowd.at.question);
  };
  for (std::size_t i = 0; i < sigmas.size(); ++i) {
    const auto s = static_cast<Index>(i);
    const LearnedDenoiser theory = TheoryOf(crowd.at, crowd, sigmas[i]);
    std::vector<double> row = Start(crowd.at);
    row.insert(row.end(), {sigmas[i], count, theory.kappa, theory.mmse});
    row.insert(row.end(), {mse.mean(s), mse.error(s), theory.mse});
    row.insert(row.end(), {belief.mean(s), belief.error(s), theory.belief});
    AddRow(tables[kSpikedLearning.file], row);
    named(tables[kSpikedLearning.file]);
    for (Index k = 0; k < r; ++k) {
      std::vector<double> gain = Start(crowd.at);
      gain.insert(gain.end(), {sigmas[i], static_cast<double>(k), crowd.lambda(k)});
      gain.insert(gain.end(), {gains.mean(s * r + k), gains.error(s * r + k)});
      gain.insert(gain.end(), {theory.gains(k), WienerGains(crowd.lambda, sigmas[i])(k)});
      AddRow(tables[kSpikedGains.file], gain);
      named(tables[kSpikedGains.file]);
    }
  }
}

}  // namespace

void AddSpectrumTables(const SpikedTrials& trials,
                       const SpikedCase& at,
                       const SpikedStudyOptions& options,
                       std::map<std::string, Table>& tables) {
  const Crowd crowd = CrowdAt(options, at);
  if (at.question == "modes") {
    AddModes(trials, crowd, options.sigmas, tables[kSpikedModes.file]);
    AddAligning(trials, crowd, options.sigmas, tables[kSpikedAligning.file]);
  } else {
    AddLearning(trials, crowd, options.sigmas, tables);
  }
}

}  // namespace denoscope
