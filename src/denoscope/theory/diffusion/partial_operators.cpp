#include "denoscope/theory/diffusion/partial_operators.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const MatrixXd& Basis(const LearnedChain& chain, Index level) {
  return chain.bases[static_cast<std::size_t>(level)].vectors;
}

Index Levels(const LearnedChain& chain) { return static_cast<Index>(chain.bases.size()); }

VectorXd DiagonalOverlaps(const MatrixXd& U, const MatrixXd& V) {
  return U.cwiseProduct(V).colwise().sum().transpose();
}

// (r), <u_t,k, u_k>.
VectorXd Alignments(const MatrixXd& U) { return U.topRows(U.cols()).diagonal(); }

MatrixXd SquaredAlignments(const LearnedChain& chain) {
  MatrixXd squares(Basis(chain, 0).cols(), Levels(chain));
  for (Index t = 0; t < Levels(chain); ++t)
    squares.col(t) = Alignments(Basis(chain, t)).cwiseAbs2();
  return squares;
}

MatrixXd Energies(const LearnedChain& chain) {
  const Index r = Basis(chain, 0).cols();
  MatrixXd energies(r, Levels(chain));
  for (Index t = 0; t < Levels(chain); ++t)
    energies.col(t) = Basis(chain, t).topRows(r).rowwise().squaredNorm();
  return energies;
}

MatrixXd ConsecutiveOverlaps(const LearnedChain& chain) {
  MatrixXd overlaps(Basis(chain, 0).cols(), Levels(chain) - 1);
  for (Index t = 0; t + 1 < Levels(chain); ++t)
    overlaps.col(t) = DiagonalOverlaps(Basis(chain, t), Basis(chain, t + 1)).cwiseAbs();
  return overlaps;
}

VectorXd OffDiagonalShares(const LearnedChain& chain, const MatrixXd& overlaps) {
  VectorXd shares(overlaps.cols());
  for (Index t = 0; t < shares.size(); ++t) {
    const MatrixXd product = Basis(chain, t).transpose() * Basis(chain, t + 1);
    shares(t) = 1 - overlaps.col(t).squaredNorm() / product.squaredNorm();
  }
  return shares;
}

VectorXd OverlapProduct(const LearnedChain& chain, const Window& window, const MatrixXd& overlaps) {
  const Index last = window.first + window.count - 1;
  VectorXd product = Alignments(Basis(chain, window.first)).cwiseAbs();
  for (Index t = window.first; t < last; ++t) product.array() *= overlaps.col(t).array();
  return product.cwiseProduct(Alignments(Basis(chain, last)).cwiseAbs());
}

MatrixXd StandardErrors(const MatrixXd& sum, const MatrixXd& squares, Index trials) {
  if (trials < 2) {
    return MatrixXd::Constant(sum.rows(), sum.cols(), std::numeric_limits<double>::quiet_NaN());
  }
  const double n = static_cast<double>(trials);
  const MatrixXd centred = squares - sum.cwiseAbs2() / n;
  return (centred.cwiseMax(0.0) / (n * (n - 1))).cwiseSqrt();
}

}  // namespace

std::vector<Window> RegimeWindows(const std::vector<Index>& taus, Index levels, Index noisiest) {
  std::vector<Window> high, low;
  for (const Index tau : taus) {
    if (tau < 1) throw Error("partial operators: tau is {}, expected at least 1", tau);
    if (tau > levels) continue;
    high.push_back({std::min(noisiest, levels - tau), tau});
    low.push_back({levels - tau, tau});
  }
  high.insert(high.end(), low.begin(), low.end());
  return high;
}

MatrixXd PartialOperator(const LearnedChain& chain, const Window& window) {
  if (window.first < 0 || window.count < 1 || window.first + window.count > Levels(chain)) {
    throw Error("partial operator: levels {} to {}, expected within 0 to {}",
                window.first,
                window.first + window.count - 1,
                Levels(chain) - 1);
  }
  const Index r = Basis(chain, window.first).cols();
  MatrixXd product = Basis(chain, window.first).topRows(r).transpose();
  const Index last = window.first + window.count - 1;
  for (Index t = window.first; t < last; ++t)
    product = Basis(chain, t + 1).transpose() * Basis(chain, t) * product;
  return Basis(chain, last).topRows(r) * product;
}

void Moments::Add(const MatrixXd& x) { Merge({x, x.cwiseAbs2()}); }

void Moments::Merge(const Moments& later) {
  if (values.size() == 0) {
    *this = later;
    return;
  }
  values += later.values;
  squares += later.squares;
}

void ChainSums::Add(const LearnedChain& chain) {
  if (trials++ == 0) {
    sigmas = chain.sigmas;
    partials.resize(windows.size());
    products.resize(windows.size());
  }
  const MatrixXd overlaps = ConsecutiveOverlaps(chain);
  alignment.Add(SquaredAlignments(chain));
  energy.Add(Energies(chain));
  consecutive.Add(overlaps);
  off_diagonal.Add(OffDiagonalShares(chain, overlaps));
  for (std::size_t i = 0; i < windows.size(); ++i) {
    partials[i].Add(PartialOperator(chain, windows[i]));
    products[i].Add(OverlapProduct(chain, windows[i], overlaps));
  }
}

void ChainSums::Merge(const ChainSums& later) {
  if (trials == 0) {
    *this = later;
    return;
  }
  trials += later.trials;
  alignment.Merge(later.alignment);
  energy.Merge(later.energy);
  consecutive.Merge(later.consecutive);
  off_diagonal.Merge(later.off_diagonal);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    partials[i].Merge(later.partials[i]);
    products[i].Merge(later.products[i]);
  }
}

ChainReport ChainSums::Report() const {
  ChainReport report;
  if (trials == 0) return report;
  const double n = static_cast<double>(trials);
  const auto error = [&](const Moments& s) { return StandardErrors(s.values, s.squares, trials); };
  report.trials = trials;
  report.sigmas = sigmas;
  report.alignment = alignment.values / n;
  report.alignment_error = error(alignment);
  report.energy = energy.values / n;
  report.energy_error = error(energy);
  report.consecutive = consecutive.values / n;
  report.off_diagonal = off_diagonal.values / n;
  report.off_diagonal_error = error(off_diagonal);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    PartialOperators partial;
    partial.window = windows[i];
    partial.mean = partials[i].values / n;
    partial.error = error(partials[i]);
    partial.ratios = partial.mean.diagonal() / partial.mean(0, 0);
    partial.consecutive = products[i].values / products[i].values(0, 0);
    const VectorXd powers =
        report.alignment.middleCols(windows[i].first, windows[i].count).rowwise().prod();
    partial.aligned = powers / powers(0);
    partial.off_diagonal_share =
        1 - partial.mean.diagonal().squaredNorm() / partial.mean.squaredNorm();
    report.partials.push_back(partial);
  }
  return report;
}

}  // namespace denoscope
