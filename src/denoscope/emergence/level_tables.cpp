#include "denoscope/emergence/level_tables.h"

#include <cmath>
#include <functional>

#include "denoscope/emergence/cell_groups.h"
#include "denoscope/results/sweep_columns.h"
#include "denoscope/theory/frequency/emergence.h"
#include "denoscope/theory/optimal/wiener.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;
using Level = std::vector<const Cell*>;

double Mean(const Level& level, const std::function<double(const Cell&)>& value) {
  double sum = 0;
  for (const Cell* cell : level) sum += value(*cell);
  return sum / static_cast<double>(level.size());
}
double Mean(const Level& level, double Spectrum::*scalar) {
  return Mean(level, [&](const Cell& cell) { return cell.deep.*scalar; });
}

// Mean of value(a, b) over pairs of cells that `related` picks; NaN without one.
double MeanOverPairs(const Level& level,
                     const std::function<bool(const Cell&, const Cell&)>& related,
                     const std::function<double(const Spectrum&, const Spectrum&)>& value) {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < level.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      if (!related(*level[i], *level[j])) continue;
      sum += value(level[i]->deep, level[j]->deep);
      ++count;
    }
  return count > 0 ? sum / count : kNotComputed;
}

bool SameImage(const Cell& a, const Cell& b) { return a.image == b.image; }
bool OtherImage(const Cell& a, const Cell& b) { return a.image != b.image && a.draw == b.draw; }
bool AnyOtherImage(const Cell& a, const Cell& b) { return a.image != b.image; }

double Inner(const MatrixXf& A, const MatrixXf& B) {
  return A.cast<double>().cwiseProduct(B.cast<double>()).sum();
}

double OffDiagonalShare(const Level& level) {
  const auto off = [](const Spectrum& a, const Spectrum& b) {
    return Inner(a.pca_matrix, b.pca_matrix) -
           a.pca_matrix.diagonal().cast<double>().dot(b.pca_matrix.diagonal().cast<double>());
  };
  const auto all = [](const Spectrum& a, const Spectrum& b) {
    return Inner(a.pca_matrix, b.pca_matrix);
  };
  return MeanOverPairs(level, AnyOtherImage, off) / MeanOverPairs(level, AnyOtherImage, all);
}

double Travel(const Level& level, bool (*related)(const Cell&, const Cell&)) {
  const double apart = MeanOverPairs(level, related, [](const Spectrum& a, const Spectrum& b) {
    return (a.sketch - b.sketch).squaredNorm();
  });
  return apart / (2 * Mean(level, [](const Cell& cell) { return cell.deep.sketch.squaredNorm(); }));
}

// |anti(E_z J)|_F^2 by two draws on one image.
double AntisymmetricEnergy(const Level& level) {
  return MeanOverPairs(level, SameImage, [](const Spectrum& a, const Spectrum& b) {
    return Inner((a.sketch - a.sketch_transpose) / 2, (b.sketch - b.sketch_transpose) / 2);
  });
}

constexpr double kNormal95 = 1.96;
constexpr double kRounding = 1e-5;  // of a gain, products in float32

struct LedgerRow {
  double resolved, low, high, calibration, calibration_error;
  double Foretold(double ratio) const { return 1 - ratio * (1 - resolved); }
  // Errors and J are of the same images: where noise hides a mode, both entries hang on its
  // variance there alike, and their ratio is known far better than their difference.
  bool Agrees() const { return std::abs(calibration - 1) < kNormal95 * calibration_error; }
};
LedgerRow LedgerOf(const Evaluation& e, Index k) {
  const Eigen::VectorXd drawn = e.replicates.col(k).cast<double>();
  const Interval interval = PercentileInterval({drawn.begin(), drawn.end()});
  return {e.resolved[k],
          interval.low,
          interval.high,
          e.sigma * e.sigma * e.gain[k] / e.mode_error[k],
          e.mode_calibration_error[k]};
}

bool HasLedger(const Evaluation& e) {
  return e.resolved.size() > 0 && e.mode_calibration_error.size() > 0;
}

double AgreeingShare(const Evaluation& e) {
  if (!HasLedger(e)) return kNotComputed;
  double agree = 0;
  for (Index k = 0; k < e.gain.size(); ++k) agree += LedgerOf(e, k).Agrees();
  return agree / static_cast<double>(e.gain.size());
}

}  // namespace

Table LedgerTable(const std::vector<Evaluation>& evaluations, const Reference& reference) {
  Table table = kSweepLedger.Empty();
  for (const Evaluation& e : evaluations) {
    if (!HasLedger(e)) continue;
    const Eigen::VectorXd wiener = WienerGains(reference.lambda, e.sigma);
    for (Index k = 0; k < e.gain.size(); ++k) {
      const LedgerRow row = LedgerOf(e, k);
      AddRow(table,
             {e.sigma,
              static_cast<double>(k),
              reference.lambda[k],
              row.resolved,
              row.low,
              row.high,
              row.Foretold(row.calibration),
              row.Foretold(row.calibration + kNormal95 * row.calibration_error),
              row.Foretold(row.calibration - kNormal95 * row.calibration_error),
              row.calibration,
              row.calibration_error,
              e.gain[k],
              e.gain_error[k],
              wiener[k],
              (e.gain[k] - wiener[k]) / std::hypot(e.gain_error[k], kRounding)});
    }
  }
  return table;
}

Table LevelsTable(const std::vector<Cell>& cells,
                  const std::vector<Evaluation>& evaluations,
                  const Reference& reference) {
  Table table = kSweepLevels.Empty();
  for (const Level& level : LevelsOf(cells)) {
    const auto index = static_cast<std::size_t>(level[0]->sigma_index);
    const Evaluation e = index < evaluations.size() ? evaluations[index] : Evaluation{};
    const double sigma = level[0]->sigma;
    const double error =
        Mean(level, &Spectrum::mse) * static_cast<double>(level[0]->deep.eigenvectors.rows());
    AddRow(table,
           {sigma,
            e.mse,
            e.mse_error,
            e.linear_mse,
            e.calibration,
            e.calibration_error,
            e.distance,
            e.distance_error,
            e.linear_explained,
            AgreeingShare(e),
            reference.n > 0 ? OffDiagonalShare(level) : kNotComputed,
            Mean(level, &Spectrum::asymmetry),
            Mean(level, &Spectrum::blind_share),
            Mean(level, &Spectrum::homogeneous_share),
            Mean(level, &Spectrum::blind_allowance),
            Mean(level, &Spectrum::negative_mass),
            Mean(level, &Spectrum::outside_mass),
            Mean(level, &Spectrum::local_noise),
            Mean(level, &Spectrum::local_images),
            Travel(level, SameImage),
            Travel(level, OtherImage),
            sigma * sigma * AntisymmetricEnergy(level) / error});
  }
  return table;
}

Table TimeUpdateTable(const std::vector<Cell>& cells) {
  const std::vector<CellSeries> series = SeriesOf(cells);
  const std::size_t S = series.front().size();
  Table table = kSweepTimeUpdate.Empty();
  const auto error = [](const Eigen::VectorXd& guess, const Eigen::VectorXd& gain) {
    return (guess - gain).norm() / gain.norm();
  };
  for (std::size_t from = 0; from < S; ++from)
    for (std::size_t to = 0; to < S; ++to) {
      if (from == to) continue;
      double foretold = 0, unchanged = 0, wiener = 0;
      for (const CellSeries& one : series) {
        const Eigen::VectorXd& gain = one[to]->deep.pca_gain;
        foretold += error(one[from]->deep.foretold_gain.row(static_cast<Index>(to)), gain);
        unchanged += error(one[from]->deep.pca_gain, gain);
        wiener += error(one[to]->linear.pca_gain, gain);
      }
      const auto n = static_cast<double>(series.size());
      AddRow(
          table,
          {series[0][from]->sigma, series[0][to]->sigma, foretold / n, unchanged / n, wiener / n});
    }
  return table;
}

}  // namespace denoscope
