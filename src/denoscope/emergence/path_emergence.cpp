#include "denoscope/emergence/path_emergence.h"

#include <cmath>
#include <utility>

#include "denoscope/base/random.h"
#include "denoscope/emergence/half_levels.h"
#include "denoscope/emergence/trajectory_curves.h"
#include "denoscope/results/sample_columns.h"
#include "denoscope/theory/frequency/dct.h"
#include "denoscope/theory/pca/eigenvalues.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Directions that emergence is told of.
struct Directions {
  std::string along;  // mode|band
  MatrixXd basis;     // (d,c)
  std::vector<int> group;
  VectorXd lambda, frequency;  // of each direction
};

Directions Modes(const Reference& reference, std::int64_t modes) {
  const Index m = UsefulModes(reference.lambda, modes);
  Directions directions = {"mode",
                           reference.basis.leftCols(m).cast<double>(),
                           {},
                           reference.lambda.head(m),
                           reference.frequency.head(m)};
  for (int k = 0; k < m; ++k) directions.group.push_back(k);
  return directions;
}

// lambda: mean variance of a band's vectors over the training images; NaN without them.
Directions Bands(const Reference& reference) {
  const Shape& shape = reference.image_shape;
  const DctBasis dct({shape[0], shape[1], shape[2]});
  const DctBands bands = MakeBands(dct);
  const Index d = dct.Shape().Size();
  Directions directions = {"band",
                           dct.InverseTransform(MatrixXd::Identity(d, d)),
                           bands.band,
                           VectorXd::Constant(bands.size.size(), kNotComputed),
                           bands.centre.replicate(bands.groups, 1)};
  if (reference.n > 0)
    directions.lambda = (BandEnergies(dct, bands, reference.basis.cast<double>()) *
                         reference.lambda.head(reference.basis.cols()))
                            .cwiseQuotient(bands.size.cwiseMax(1));
  return directions;
}

// Rows as noise rises.
Curves Ascending(const MatrixXd& curves) { return curves.colwise().reverse(); }

// One half of the variance of D_t is explained by the final image where the correlation is
// 1/sqrt 2; what points the other way counts against it.
MatrixXd SignedSquare(const MatrixXd& correlation) {
  return correlation.array() * correlation.array().abs();
}

struct Emerging {
  PathCurves curves;
  Halves energy, correlation;
  MatrixXd energy_error, correlation_error;  // (T,m), over samples drawn again; may be empty
};

MatrixXd Deviation(const std::vector<PathCurves>& replicates, MatrixXd PathCurves::*which) {
  if (replicates.empty()) return {};
  const auto n = static_cast<double>(replicates.size());
  MatrixXd sum = replicates[0].*which, squares;
  sum.setZero();
  squares = sum;
  for (const PathCurves& one : replicates) {
    sum += one.*which;
    squares += (one.*which).cwiseAbs2();
  }
  return ((squares - sum.cwiseAbs2() / n) / (n - 1)).cwiseMax(0).cwiseSqrt();
}

Emerging EmergingOf(const PathProcess& process,
                    const Directions& along,
                    const VectorXd& mean,
                    const PathEmergenceOptions& options) {
  const DirectionSums sums(*process.path, mean, along.basis, along.group, along.lambda.size());
  Emerging e;
  const Index B = sums.Samples();
  if (B == 0) return e;
  e.curves = sums.Curves();
  std::vector<PathCurves> replicates;
  for (std::int64_t r = 0; B >= kLeastImages && r < options.replicates; ++r) {
    RandomStream random(options.seed, "paths/bootstrap", static_cast<std::uint64_t>(r));
    VectorXd weights = VectorXd::Zero(B);
    for (Index i = 0; i < B; ++i)
      ++weights[static_cast<Index>(random.Below(static_cast<std::uint64_t>(B)))];
    replicates.push_back(sums.Curves(weights));
  }
  e.energy_error = Deviation(replicates, &PathCurves::energy);
  e.correlation_error = Deviation(replicates, &PathCurves::correlation);
  VectorXd sigmas = MeanSigmas(*process.path).reverse();
  for (Index t = 1; t < sigmas.size(); ++t)
    if (!(sigmas[t] > sigmas[t - 1])) return e;  // one noise level all the way: no level to name
  const std::vector<double> levels(sigmas.begin(), sigmas.end());
  const auto count = static_cast<Index>(replicates.size());
  const auto at = [&](Index r) -> const PathCurves& {
    return replicates[static_cast<std::size_t>(r)];
  };
  e.energy = HalvesOf(
      levels, Ascending(e.curves.energy), count, [&](Index r) { return Ascending(at(r).energy); });
  e.correlation =
      HalvesOf(levels, Ascending(SignedSquare(e.curves.correlation)), count, [&](Index r) {
        return Ascending(SignedSquare(at(r).correlation));
      });
  return e;
}

double ErrorAt(const MatrixXd& errors, Index t, Index k) {
  return errors.size() > 0 ? errors(t, k) : kNotComputed;
}

void AddCurves(const PathProcess& process,
               const Directions& along,
               const Emerging& e,
               Table& table) {
  const VectorXd sigmas = MeanSigmas(*process.path);
  for (Index k = 0; k < e.curves.energy.cols(); ++k)
    for (Index t = 0; t < sigmas.size(); ++t)
      AddRow(table,
             {process.name, along.along},
             {static_cast<double>(k),
              sigmas[t],
              e.curves.energy(t, k),
              ErrorAt(e.energy_error, t, k),
              e.curves.correlation(t, k),
              ErrorAt(e.correlation_error, t, k),
              e.curves.state_correlation(t, k),
              e.curves.chance(t, k)});
}

void AddLevel(const HalfLevel& level, std::vector<std::string>& row) {
  for (const double value : {level.sigma, level.low, level.high}) row.push_back(NumberText(value));
  row.push_back(NameOf(level.censored));
}

// A row a direction, deep and linear side by side.
void AddHalves(const Directions& along, const std::vector<Emerging>& of, Table& table) {
  for (Index k = 0; k < along.lambda.size(); ++k) {
    std::vector<std::string> row = {along.along,
                                    std::to_string(k),
                                    NumberText(along.lambda[k]),
                                    NumberText(along.frequency[k])};
    for (std::size_t p = 0; p < 2; ++p)
      for (Halves Emerging::*measure : {&Emerging::energy, &Emerging::correlation}) {
        const bool known = p < of.size() && !(of[p].*measure).levels.empty();
        AddLevel(known ? (of[p].*measure).levels[static_cast<std::size_t>(k)] : HalfLevel{}, row);
      }
    table.rows.push_back(std::move(row));
  }
}

}  // namespace

std::vector<PathProcess> ProcessesOf(const Trajectories& all) {
  std::vector<PathProcess> processes = {{"deep", &all.deep}};
  if (all.HasLinear()) processes.push_back({"linear", &all.linear});
  return processes;
}

VectorXd MeanSigmas(const Path& path) {
  VectorXd sigmas(path.States());
  const std::vector<Index> whole = path.WholeSamples();
  for (Index t = 0; t < path.States(); ++t) {
    double sum = 0;
    for (const Index b : whole) sum += std::log(path.sigmas(t, b));
    sigmas[t] = whole.empty() ? kNotComputed : std::exp(sum / static_cast<double>(whole.size()));
  }
  return sigmas;
}

void WritePathEmergence(const RunFolder& run,
                        const std::vector<PathProcess>& processes,
                        const Reference& reference,
                        const PathEmergenceOptions& options) {
  std::vector<Directions> directions;
  if (reference.n > 0) directions.push_back(Modes(reference, options.modes));
  directions.push_back(Bands(reference));
  const Index d = directions.back().basis.rows();
  const VectorXd mean = reference.n > 0 ? reference.mean : VectorXd(VectorXd::Zero(d));
  Table curves = kSampleCurves.Empty();
  Table halves = kSampleHalves.Empty();
  std::vector<EmergenceStatistics> statistics;
  for (const Directions& along : directions) {
    std::vector<Emerging> emerging;
    for (const PathProcess& process : processes) {
      emerging.push_back(EmergingOf(process, along, mean, options));
      const Emerging& e = emerging.back();
      AddCurves(process, along, e, curves);
      for (const auto& [measure, levels] :
           {std::pair{"energy", &e.energy}, std::pair{"correlation", &e.correlation}})
        if (!levels->levels.empty())
          statistics.push_back(LevelStatistics(
              process.name, along.along + "_" + measure, *levels, along.lambda, along.frequency));
    }
    AddHalves(along, emerging, halves);
  }
  WriteCsv(run.Path() / kSampleCurves.file, curves);
  WriteCsv(run.Path() / kSampleHalves.file, halves);
  WriteCsv(run.Path() / kSampleStatistics.file, StatisticsTable(statistics));
}

}  // namespace denoscope
