#include "denoscope/emergence/alignment_tables.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/random.h"
#include "denoscope/emergence/cell_groups.h"
#include "denoscope/linalg/assignment.h"
#include "denoscope/results/sweep_columns.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kShared = 0.05;  // eigenvalues this close, relatively, are of one block

VectorXd Sines(const VectorXd& squared_cosines) {
  return (1 - squared_cosines.array()).max(0).sqrt();
}

struct Angles {  // sines, (K) each
  VectorXd own, block, matched;
};

// overlaps(j,k) = |<reference j, v_k>|, (K,K).
VectorXd MatchedSines(const MatrixXd& overlaps) {
  const Eigen::VectorXi match = BestAssignment(overlaps.transpose().cwiseAbs2());
  VectorXd squares(overlaps.cols());
  for (Index k = 0; k < squares.size(); ++k) squares[k] = std::pow(overlaps(match[k], k), 2);
  return Sines(squares);
}

Angles AnglesTo(const MatrixXf& V, const MatrixXf& reference, const VectorXd& eigenvalues) {
  const Index K = V.cols();
  const MatrixXd overlaps = (reference.leftCols(K).transpose() * V).cwiseAbs().cast<double>();
  VectorXd block(K);
  for (Index first = 0, end = 0; first < K; first = end) {
    for (end = first + 1; end < K; ++end)
      if (eigenvalues[end] < (1 - kShared) * eigenvalues[end - 1]) break;
    for (Index k = first; k < end; ++k)
      block[k] = overlaps.col(k).segment(first, end - first).squaredNorm();
  }
  return {Sines(overlaps.diagonal().cwiseAbs2()), Sines(block), MatchedSines(overlaps)};
}

// Mean and standard error over cells.
struct Summary {
  VectorXd sum, squares;
  double count = 0;

  void Add(const VectorXd& values) {
    if (count == 0) sum = squares = VectorXd::Zero(values.size());
    sum += values;
    squares += values.cwiseAbs2();
    ++count;
  }
  double Mean(Index k) const { return count > 0 ? sum[k] / count : kNotComputed; }
  double Error(Index k) const {
    if (count < 2) return kNotComputed;
    const double mean = Mean(k), variance = squares[k] / count - mean * mean;
    return std::sqrt(std::max(0.0, variance) / (count - 1));
  }
};

// K random orthonormal directions in d dimensions against K fixed ones: the leading (K,K) part of a
// random rotation, which for K far below d is normal with variance 1/d.
struct Chance {
  Summary own, matched;
  Chance(Index K, Index d) {
    constexpr int kTrials = 20;
    for (int trial = 0; trial < kTrials; ++trial) {
      RandomStream random(0, "alignment/chance", static_cast<std::uint64_t>(trial));
      MatrixXd normals(d, K);
      for (double& value : normals.reshaped()) value = random.Normal();
      const Eigen::HouseholderQR<MatrixXd> qr(normals);
      const MatrixXd Q = qr.householderQ() * MatrixXd::Identity(d, K);
      const MatrixXd overlaps = Q.topRows(K).cwiseAbs();
      own.Add(Sines(overlaps.diagonal().cwiseAbs2()));
      matched.Add(MatchedSines(overlaps));
    }
  }
};

// Comparisons go as far as both have vectors.
Index MostModes(const std::vector<Cell>& cells, const Reference& reference) {
  const Index K = cells.front().deep.eigenvectors.cols();
  return reference.n > 0 ? std::min(K, reference.basis.cols()) : K;
}

MatrixXf Leading(const Cell& cell, Index K) { return cell.deep.eigenvectors.leftCols(K); }

struct LevelAngles {
  Summary own, block, matched;
  void Add(const Angles& angles) {
    own.Add(angles.own);
    block.Add(angles.block);
    matched.Add(angles.matched);
  }
};

std::vector<Index> Ranks(Index K) {
  std::vector<Index> ranks;
  for (Index r = 1; r <= K; r *= 2) ranks.push_back(r);
  return ranks;
}

// Of the spans of the leading r columns: |A_r^T B_r|_F^2 / r is the mean cos^2 of their principal
// angles. By rank; both have at least as many columns as the last.
VectorXd MeanSquaredCosines(const MatrixXf& A, const MatrixXf& B, const std::vector<Index>& ranks) {
  const MatrixXf overlaps = A.transpose() * B;
  VectorXd means(static_cast<Index>(ranks.size()));
  for (std::size_t i = 0; i < ranks.size(); ++i)
    means[static_cast<Index>(i)] =
        overlaps.topLeftCorner(ranks[i], ranks[i]).squaredNorm() / static_cast<double>(ranks[i]);
  return means;
}

}  // namespace

Table AlignmentTable(const std::vector<Cell>& cells, const Reference& reference) {
  const Index K = MostModes(cells, reference);
  const Chance chance(K, cells.front().deep.eigenvectors.rows());
  const std::vector<CellSeries> series = SeriesOf(cells);
  const std::size_t S = series.front().size();
  std::vector<LevelAngles> pca(S), start(S);
  for (const CellSeries& one : series)
    for (std::size_t s = 0; s < one.size(); ++s) {
      const MatrixXf V = Leading(*one[s], K);
      if (reference.n > 0) pca[s].Add(AnglesTo(V, reference.basis, reference.lambda));
      start[s].Add(AnglesTo(V, Leading(*one[0], K), one[0]->deep.eigenvalues));
    }
  Table table = kSweepAlignment.Empty();
  for (std::size_t s = 0; s < S; ++s)
    for (Index k = 0; k < K; ++k) {
      std::vector<std::string> row = {NumberText(series[0][s]->sigma), std::to_string(k)};
      for (const LevelAngles* angles : {&pca[s], &start[s]})
        for (const Summary* summary : {&angles->own, &angles->block, &angles->matched}) {
          row.push_back(NumberText(summary->Mean(k)));
          row.push_back(NumberText(summary->Error(k)));
        }
      row.push_back(NumberText(chance.own.Mean(k)));
      row.push_back(NumberText(chance.matched.Mean(k)));
      table.rows.push_back(std::move(row));
    }
  return table;
}

Table SubspacesTable(const std::vector<Cell>& cells, const Reference& reference) {
  const Index K = MostModes(cells, reference), d = cells.front().deep.eigenvectors.rows();
  const std::vector<Index> ranks = Ranks(K);
  const std::vector<CellSeries> series = SeriesOf(cells);
  const auto levels = LevelsOf(cells);
  Table table = kSweepSubspaces.Empty();
  for (std::size_t s = 0; s < levels.size(); ++s) {
    Summary pca, start, draws, images;
    for (const CellSeries& one : series) {
      const MatrixXf V = Leading(*one[s], K);
      if (reference.n > 0) pca.Add(MeanSquaredCosines(V, reference.basis, ranks));
      start.Add(MeanSquaredCosines(V, Leading(*one[0], K), ranks));
    }
    for (std::size_t i = 0; i < levels[s].size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const Cell &a = *levels[s][i], &b = *levels[s][j];
        if (a.image != b.image && a.draw != b.draw) continue;
        (a.image == b.image ? draws : images)
            .Add(MeanSquaredCosines(Leading(a, K), Leading(b, K), ranks));
      }
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      std::vector<double> row = {levels[s][0]->sigma, static_cast<double>(ranks[i])};
      for (const Summary* summary : {&pca, &start, &draws, &images})
        row.push_back(summary->Mean(static_cast<Index>(i)));
      row.push_back(static_cast<double>(ranks[i]) / static_cast<double>(d));
      AddRow(table, row);
    }
  }
  return table;
}

}  // namespace denoscope
