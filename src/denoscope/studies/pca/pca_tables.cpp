#include "denoscope/studies/pca/pca_tables.h"

#include <cmath>
#include <limits>

#include "denoscope/results/pca_columns.h"
#include "denoscope/theory/frequency/power_law.h"
#include "denoscope/theory/optimal/linear_gains.h"
#include "denoscope/theory/optimal/wiener.h"
#include "denoscope/theory/pca/eigenvalues.h"
#include "denoscope/theory/spiked/mode_mixing.h"
#include "denoscope/theory/spiked/noisy_alignment.h"
#include "denoscope/theory/spiked/spiked_covariance.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int kTheorySteps = 120;

double Gamma(Index d, std::int64_t n) {
  return static_cast<double>(d) / static_cast<double>(n - 1);
}

struct Mean {
  double value = 0, error = kNan;
};
Mean MeanOf(const VectorXd& draws) {
  Mean mean = {draws.mean(), kNan};
  const double count = static_cast<double>(draws.size());
  if (count > 1)
    mean.error = (draws.array() - mean.value).matrix().norm() / std::sqrt(count * (count - 1));
  return mean;
}

// Of each draw the mean share of the true leading r directions in the learned leading r.
Mean SubspaceMean(const std::vector<NoisyBasis>& draws, Index place, Index rank) {
  VectorXd shares(static_cast<Index>(draws.size()));
  for (Index i = 0; i < shares.size(); ++i)
    shares(i) = draws[static_cast<std::size_t>(i)].subspace_share.col(place).head(rank).mean();
  return MeanOf(shares);
}

Mean AboveEdge(const std::vector<NoisyBasis>& draws) {
  VectorXd counts(static_cast<Index>(draws.size()));
  for (Index i = 0; i < counts.size(); ++i)
    counts(i) = static_cast<double>(draws[static_cast<std::size_t>(i)].above_edge);
  return MeanOf(counts);
}

void AddLaw(const PcaReference& r, Index first, Index last, std::uint64_t seed, Table& table) {
  PowerLawOptions options;
  options.first = first;
  options.last = last;
  options.seed = seed;
  const PowerLaw law = FitPowerLaw(r.record.lambda, options);
  AddRow(table,
         {static_cast<double>(law.first),
          static_cast<double>(law.last - 1),
          law.amplitude,
          law.exponent,
          law.exponent_error,
          law.exponent_interval.low,
          law.exponent_interval.high,
          law.r2,
          law.rms_error});
}

}  // namespace

ModeTheory AlignmentTheory(const VectorXd& lambda, std::int64_t n, Index k, double sigma) {
  const CrowdedSpectrum spectrum = {lambda, n - 1};
  return {SpikeAlignment(lambda(k) / (sigma * sigma), Gamma(lambda.size(), n)),
          SeeMode(spectrum, k, sigma).alignment,
          MixedAlignment(spectrum, k, sigma)};
}

Table SpectrumTable(const PcaReference& r) {
  Table table = kPcaSpectrum.Empty();
  const VectorXd& lambda = r.record.lambda;
  const CrowdedSpectrum spectrum = {lambda, r.record.n - 1};
  double sum = 0;
  for (Index k = 0; k < lambda.size(); ++k) {
    sum += lambda(k);
    const bool compared = k < r.record.frequency.size();
    AddRow(table,
           {static_cast<double>(k),
            lambda(k),
            compared ? r.lambda_error(k) : kNan,
            k < r.measured ? 1.0 : 0.0,
            sum / r.total_variance,
            compared ? r.record.frequency(k) : kNan,
            std::sqrt(lambda(k)),
            compared ? MixedAlignment(spectrum, k, 0) : kNan});
  }
  return table;
}

Table PowerLawTable(const PcaReference& r, std::uint64_t seed) {
  Table table = kPcaPowerLaw.Empty();
  const VectorXd measured = r.record.lambda.head(r.measured);
  const Index last = UsefulModes(measured, measured.size());  // null ones fit no power law
  const Index modes = std::min<Index>(r.record.frequency.size(), last);
  constexpr Index kFewest = 3;
  if (modes >= kFewest) AddLaw(r, 0, modes, seed, table);
  if (last > modes && last - modes >= kFewest) AddLaw(r, modes, last, seed, table);
  if (last > modes) AddLaw(r, 0, last, seed, table);
  return table;
}

Table WienerTable(const PcaReference& r) {
  Table table = kPcaWiener.Empty();
  for (Index s = 0; s < r.sigmas.size(); ++s) {
    const double sigma = r.sigmas(s);
    const VectorXd& lambda = r.record.lambda;
    const Index rank = (lambda.array() > sigma * sigma).count();
    AddRow(table,
           {sigma,
            sigma * sigma,
            WienerGains(lambda, sigma).sum(),
            WienerMse(lambda, sigma),
            r.held_out_mse(s),
            r.held_out_error(s),
            static_cast<double>(rank),
            ProjectionMse(lambda, rank, sigma)});
  }
  return table;
}

Table GainsTable(const PcaReference& r) {
  Table table = kPcaGains.Empty();
  for (const double sigma : r.sigmas) {
    const VectorXd gains = WienerGains(r.record.lambda, sigma);
    for (Index k = 0; k < r.record.frequency.size(); ++k)
      AddRow(table, {sigma, static_cast<double>(k), gains(k)});
  }
  return table;
}

Table TheoryTable(const PcaStudyOptions& options, const PcaReference& r) {
  Table table = kPcaTheory.Empty();
  std::vector<Index> modes = {0};
  for (Index k = 1; k < options.modes; k *= 2) modes.push_back(k);
  const double low = r.sigmas.minCoeff(), high = r.sigmas.maxCoeff();
  for (const std::int64_t n : options.n)
    for (const Index k : modes)
      for (int i = 0; i <= kTheorySteps; ++i) {
        const double sigma = low * std::pow(high / low, static_cast<double>(i) / kTheorySteps);
        const ModeTheory theory = AlignmentTheory(r.record.lambda, n, k, sigma);
        AddRow(table,
               {static_cast<double>(n),
                static_cast<double>(k),
                sigma,
                theory.spiked,
                theory.anisotropic,
                theory.mixed,
                WienerGain(r.record.lambda(k) / (sigma * sigma))});
      }
  return table;
}

void AddAlignment(const BasesOfN& bases, const PcaReference& r, Table& table) {
  std::vector<MeanOverDraws> means;
  for (const NoisyBases* kind : {&bases.images, &bases.gaussian})
    for (const auto& measure : {SquaredCosines, SquaredMatched, Sines})
      means.push_back(AverageOverDraws(*kind, measure));
  for (Index s = 0; s < r.sigmas.size(); ++s)
    for (Index k = 0; k < bases.images.modes; ++k) {
      std::vector<double> row = {
          static_cast<double>(bases.n), r.sigmas(s), static_cast<double>(k), r.record.lambda(k)};
      for (const MeanOverDraws& mean : means) {
        row.push_back(mean.mean(k, s));
        row.push_back(mean.error(k, s));
      }
      const ModeTheory theory = AlignmentTheory(r.record.lambda, bases.n, k, r.sigmas(s));
      for (const double cos2 : {theory.spiked, theory.anisotropic, theory.mixed})
        row.push_back(cos2);
      AddRow(table, row);
    }
}

void AddSubspaces(const BasesOfN& bases, const PcaReference& r, Table& table) {
  const std::vector<Index>& ranks = bases.images.options.ranks;
  for (std::size_t s = 0; s < bases.images.bases.size(); ++s)
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      const auto place = static_cast<Index>(i);
      const Mean images = SubspaceMean(bases.images.bases[s], place, ranks[i]);
      const Mean gaussian = SubspaceMean(bases.gaussian.bases[s], place, ranks[i]);
      const double rank = static_cast<double>(ranks[i]);
      AddRow(table,
             {static_cast<double>(bases.n),
              r.sigmas(static_cast<Index>(s)),
              rank,
              images.value,
              images.error,
              gaussian.value,
              gaussian.error,
              rank / static_cast<double>(r.record.lambda.size())});
    }
}

void AddAboveEdge(const BasesOfN& bases, const PcaReference& r, Table& table) {
  for (std::size_t s = 0; s < bases.images.bases.size(); ++s) {
    const double sigma = r.sigmas(static_cast<Index>(s));
    const Mean images = AboveEdge(bases.images.bases[s]);
    const Mean gaussian = AboveEdge(bases.gaussian.bases[s]);
    AddRow(table,
           {static_cast<double>(bases.n),
            sigma,
            static_cast<double>(PredictedAboveEdge(r.record.lambda, bases.n, sigma)),
            images.value,
            images.error,
            gaussian.value,
            gaussian.error});
  }
}

std::vector<std::pair<std::string, Table>> PcaTables(const RunFolder& run,
                                                     const PcaStudyOptions& options,
                                                     const PcaReference& reference) {
  const std::vector<double> sigmas(reference.sigmas.begin(), reference.sigmas.end());
  Table alignment = kPcaAlignment.Empty(), subspaces = kPcaSubspaces.Empty();
  Table above_edge = kPcaAboveEdge.Empty(), aligning = kPcaAligning.Empty();
  Table statistics = kPcaStatistics.Empty();
  for (const std::int64_t n : options.n) {
    const BasesOfN bases = {n,
                            ReadBases(run, options, sigmas, {SampleKind::kImages, n, {}, 0}),
                            ReadBases(run, options, sigmas, {SampleKind::kGaussian, n, {}, 0})};
    AddAlignment(bases, reference, alignment);
    AddSubspaces(bases, reference, subspaces);
    AddAboveEdge(bases, reference, above_edge);
    AddAligning(bases, reference, aligning);
    AddStatistics(bases, reference, options.seed, statistics);
  }
  Table theories = TheoriesTable(alignment);
  return {{kPcaSpectrum.file, SpectrumTable(reference)},
          {kPcaPowerLaw.file, PowerLawTable(reference, options.seed)},
          {kPcaWiener.file, WienerTable(reference)},
          {kPcaGains.file, GainsTable(reference)},
          {kPcaAlignment.file, std::move(alignment)},
          {kPcaTheory.file, TheoryTable(options, reference)},
          {kPcaSubspaces.file, std::move(subspaces)},
          {kPcaAboveEdge.file, std::move(above_edge)},
          {kPcaAligning.file, std::move(aligning)},
          {kPcaStatistics.file, std::move(statistics)},
          {kPcaTheories.file, std::move(theories)}};
}

}  // namespace denoscope
