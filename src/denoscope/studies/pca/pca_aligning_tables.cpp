// The tables of a PCA study about when modes align: levels, their statistics, which theory holds.
#include <cmath>
#include <limits>
#include <map>

#include "denoscope/results/pca_columns.h"
#include "denoscope/studies/pca/pca_tables.h"
#include "denoscope/theory/spiked/mode_mixing.h"
#include "denoscope/theory/spiked/noisy_alignment.h"
#include "denoscope/theory/spiked/spiked_covariance.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

struct Source {
  std::string kind, measure;
  const NoisyBases& bases;
  BasisMeasure of;
};
std::vector<Source> Sources(const BasesOfN& bases) {
  return {{"images", "own", bases.images, SquaredCosines},
          {"images", "matched", bases.images, SquaredMatched},
          {"gaussian", "own", bases.gaussian, SquaredCosines},
          {"gaussian", "matched", bases.gaussian, SquaredMatched}};
}

std::vector<double> Theories(const PcaReference& r, std::int64_t n, Index k) {
  const VectorXd& lambda = r.record.lambda;
  const CrowdedSpectrum spectrum = {lambda, n - 1};
  const double gamma = static_cast<double>(lambda.size()) / static_cast<double>(n - 1);
  return {CriticalSigma(lambda(k), gamma),
          CrowdedCriticalSigma(spectrum, k),
          AligningSigma(lambda(k), gamma),
          CrowdedAligningSigma(spectrum, k),
          MixedAligningSigma(spectrum, k)};
}

// Gaps of one theory from one simulation, over points.
struct Gaps {
  std::int64_t points = 0;
  double sum = 0, greatest = -1, at_sigma = 0, at_k = 0, simulated = 0, theory = 0, errors = 0;
};

double NumberIn(const Table& table, const std::vector<std::string>& row, const std::string& name) {
  return std::stod(row[table.Column(name)]);
}

}  // namespace

void AddAligning(const BasesOfN& bases, const PcaReference& r, Table& table) {
  std::vector<std::vector<AligningLevel>> levels;
  for (const Source& source : Sources(bases))
    levels.push_back(AligningLevels(source.bases, source.of));
  for (Index k = 0; k < bases.images.modes; ++k) {
    std::vector<std::string> row;
    for (const double number : {static_cast<double>(bases.n),
                                static_cast<double>(k),
                                r.record.lambda(k),
                                r.record.frequency(k)})
      row.push_back(NumberText(number));
    for (const double number : Theories(r, bases.n, k)) row.push_back(NumberText(number));
    for (const auto& of_source : levels) {
      const AligningLevel& level = of_source[static_cast<std::size_t>(k)];
      for (const double number : {level.crossing.sigma, level.interval.low, level.interval.high})
        row.push_back(NumberText(number));
      row.push_back(std::to_string(level.crossed));
      row.push_back(NameOf(level.crossing.censored));
    }
    table.rows.push_back(std::move(row));
  }
}

void AddStatistics(const BasesOfN& bases, const PcaReference& r, std::uint64_t seed, Table& table) {
  const VectorXd lambda = r.record.lambda.head(bases.images.modes);
  const ModeTruth truth = {{lambda.begin(), lambda.end()},
                           {r.record.frequency.begin(), r.record.frequency.end()}};
  for (const Source& source : Sources(bases)) {
    AlignmentOptions options;
    options.seed = seed;
    const AlignmentStatistics s = RelateAlignment(source.bases, source.of, truth, options);
    std::vector<std::string> row = {std::to_string(bases.n), source.kind, source.measure};
    for (const std::int64_t count : {s.modes, s.below, s.above})
      row.push_back(std::to_string(count));
    for (const double number : {s.rank_lambda,
                                s.slope,
                                s.rank_frequency,
                                s.frequency_over_modes.low,
                                s.frequency_over_modes.high,
                                s.frequency_over_draws.low,
                                s.frequency_over_draws.high,
                                s.partial_frequency,
                                s.partial_over_modes.low,
                                s.partial_over_modes.high,
                                s.partial_over_draws.low,
                                s.partial_over_draws.high})
      row.push_back(NumberText(number));
    table.rows.push_back(std::move(row));
  }
}

Table TheoriesTable(const Table& alignment) {
  std::map<std::vector<std::string>, Gaps> all;  // n (padded), simulation, theory
  for (const auto& row : alignment.rows) {
    if (!(NumberIn(alignment, row, "cos2_spiked") > 0)) continue;
    const std::string n = fmt::format("{:>12}", row[alignment.Column("n")]);
    for (const std::string simulation : {"gaussian", "images"})
      for (const std::string theory : {"spiked", "anisotropic", "mixed"}) {
        const double simulated = NumberIn(alignment, row, simulation + "_cos2");
        const double predicted = NumberIn(alignment, row, "cos2_" + theory);
        const double gap = std::abs(predicted - simulated);
        Gaps& gaps = all[{n, simulation, theory}];
        ++gaps.points;
        gaps.sum += gap;
        gaps.errors += NumberIn(alignment, row, simulation + "_cos2_error");
        if (gap <= gaps.greatest) continue;
        gaps.greatest = gap;
        gaps.at_sigma = NumberIn(alignment, row, "sigma");
        gaps.at_k = NumberIn(alignment, row, "k");
        gaps.simulated = simulated;
        gaps.theory = predicted;
      }
  }
  Table table = kPcaTheories.Empty();
  for (const auto& [key, gaps] : all) {
    const double points = static_cast<double>(gaps.points);
    std::vector<std::string> row = {
        key[0].substr(key[0].find_first_not_of(' ')), key[1], key[2], std::to_string(gaps.points)};
    for (const double number : {gaps.sum / points,
                                gaps.errors / points,
                                gaps.greatest,
                                gaps.at_sigma,
                                gaps.at_k,
                                gaps.simulated,
                                gaps.theory})
      row.push_back(NumberText(number));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace denoscope
