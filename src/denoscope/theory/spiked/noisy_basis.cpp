#include "denoscope/theory/spiked/noisy_basis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/linalg/assignment.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/orthonormal_block.h"
#include "denoscope/theory/spiked/marchenko_pastur.h"
#include "denoscope/theory/spiked/spiked_covariance.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kOrthonormal = 1e-4;  // of a reference that was stored in float32

// Centred on their mean, n samples count as n - 1.
double Gamma(Index d, std::int64_t n) {
  return static_cast<double>(d) / static_cast<double>(n - 1);
}

void CheckReference(const MatrixXd& reference) {
  const Index K = reference.cols();
  if (K < 1 || K > reference.rows()) {
    throw Error("noisy bases: reference has shape ({},{}), expected 1 to {} columns",
                reference.rows(),
                K,
                reference.rows());
  }
  const double defect =
      (reference.transpose() * reference - MatrixXd::Identity(K, K)).cwiseAbs().maxCoeff();
  if (!(defect < kOrthonormal)) {
    throw Error(
        "noisy bases: reference ({},{}) is off orthonormal by {:.1e}, expected below {:.0e}",
        reference.rows(),
        K,
        defect,
        kOrthonormal);
  }
}

void CheckClean(const MatrixXf& clean, const MatrixXd& reference) {
  if (clean.rows() != reference.rows() || clean.cols() < 2) {
    throw Error("noisy bases: samples have shape ({},{}), expected ({},n) with n at least 2",
                clean.rows(),
                clean.cols(),
                reference.rows());
  }
  if (reference.cols() > clean.cols() - 1) {
    throw Error("noisy bases: {} modes of {} samples, expected at most min(d, n - 1) = {}",
                reference.cols(),
                clean.cols(),
                std::min(clean.rows(), clean.cols() - 1));
  }
  if (!clean.allFinite()) throw Error("noisy bases: samples hold a value that is not finite");
  if ((clean.colwise() - clean.col(0)).isZero(0)) {
    throw Error("noisy bases: all {} samples are the same, expected some that differ",
                clean.cols());
  }
}

MatrixXd CentredNoisy(const MatrixXf& clean, const NoisyBasisOptions& options, NoiseCell cell) {
  RandomStream random(options.seed,
                      fmt::format("noise of level {}", cell.level),
                      static_cast<std::uint64_t>(cell.draw));
  const double sigma = options.sigmas[static_cast<std::size_t>(cell.level)];
  MatrixXd noisy(clean.rows(), clean.cols());
  for (Index i = 0; i < noisy.size(); ++i) {
    noisy.data()[i] = static_cast<double>(clean.data()[i]) + sigma * random.Normal();
  }
  const VectorXd mean = noisy.rowwise().mean();
  noisy.colwise() -= mean;
  return noisy;
}

struct Sampled {
  VectorXd all;      // eigenvalues, (min(d,n)), descending
  MatrixXd leading;  // v_k, (d,K)
};

// Through the products of the smaller side: Y Y^T, or Y^T Y = W diag W^T with v = Y w / |Y w|.
Sampled SamplePca(const MatrixXd& centred, Index K) {
  const bool few = centred.cols() < centred.rows();
  const Index side = std::min(centred.rows(), centred.cols());
  MatrixXd products = MatrixXd::Zero(side, side);
  if (few) {
    products.selfadjointView<Eigen::Lower>().rankUpdate(centred.transpose());
  } else {
    products.selfadjointView<Eigen::Lower>().rankUpdate(centred);
  }
  products /= static_cast<double>(centred.cols() - 1);
  Sampled sampled;
  sampled.all = EigenvaluesSymmetric<double>(products);
  sampled.leading = EigenSymmetricRange<double>(std::move(products), 0, K).vectors;
  if (few) {
    sampled.leading = centred * sampled.leading;
    sampled.leading.colwise().normalize();
  }
  return sampled;
}

NoisyBasis Compare(const Sampled& sampled, const MatrixXd& reference, const NoisyBasisOptions& o) {
  const Index K = reference.cols();
  const MatrixXd overlaps = (reference.transpose() * sampled.leading).cwiseAbs().cwiseMin(1.0);
  NoisyBasis basis;
  basis.cosines = overlaps.diagonal();
  basis.partner = BestAssignment(overlaps);
  basis.matched.resize(K);
  for (Index k = 0; k < K; ++k) basis.matched(k) = overlaps(k, basis.partner(k));
  basis.subspace_share.resize(K, static_cast<Index>(o.ranks.size()));
  for (std::size_t i = 0; i < o.ranks.size(); ++i) {
    basis.subspace_share.col(static_cast<Index>(i)) =
        overlaps.leftCols(o.ranks[i]).rowwise().squaredNorm().cwiseMin(1.0);
  }
  basis.eigenvalues = sampled.all.head(K);
  return basis;
}

}  // namespace

void NoisyBasisOptions::Check(Index modes) const {
  double previous = 0;
  for (const double sigma : sigmas) {
    if (!(std::isfinite(sigma) && sigma > previous)) {
      throw Error(
          "noisy bases: sigma {} follows {}, expected positive ascending numbers", sigma, previous);
    }
    previous = sigma;
  }
  if (sigmas.empty()) throw Error("noisy bases: no sigmas, expected at least 1");
  if (draws < 1) throw Error("noisy bases: draws is {}, expected at least 1", draws);
  for (const Index rank : ranks) {
    if (rank >= 1 && rank <= modes) continue;
    throw Error("noisy bases: rank is {}, expected 1 to the number of modes, {}", rank, modes);
  }
}

CleanSamples GaussianSamples(const VectorXd& lambda, std::int64_t n, std::uint64_t seed) {
  if (n < 2) throw Error("gaussian samples: n is {}, expected at least 2", n);
  if (lambda.size() == 0 || !lambda.allFinite() || lambda.minCoeff() < 0) {
    throw Error("gaussian samples: {} eigenvalues, expected finite ones of at least 0",
                lambda.size());
  }
  return [roots = VectorXd(lambda.cwiseSqrt()), n, seed](std::int64_t draw) {
    RandomStream random(seed, "gaussian samples", static_cast<std::uint64_t>(draw));
    const MatrixXf normals = NormalBlock(roots.size(), n, random);
    return MatrixXf(roots.cast<float>().asDiagonal() * normals);
  };
}

NoisyBasis LearnNoisyBasis(const MatrixXf& clean,
                           const MatrixXd& reference,
                           const NoisyBasisOptions& options,
                           NoiseCell cell) {
  options.Check(reference.cols());
  CheckReference(reference);
  CheckClean(clean, reference);
  const auto levels = static_cast<std::int64_t>(options.sigmas.size());
  if (cell.level < 0 || cell.level >= levels || cell.draw < 0) {
    throw Error("noisy bases: level {} and draw {}, expected a level below {} and a draw from 0",
                cell.level,
                cell.draw,
                levels);
  }
  const Sampled sampled = SamplePca(CentredNoisy(clean, options, cell), reference.cols());
  NoisyBasis basis = Compare(sampled, reference, options);
  const double sigma = options.sigmas[static_cast<std::size_t>(cell.level)];
  const MarchenkoPastur noise(Gamma(clean.rows(), clean.cols()), sigma);
  basis.above_edge = (sampled.all.array() > noise.UpperEdge()).count();
  return basis;
}

NoisyBases LearnNoisyBases(const CleanSamples& samples,
                           const MatrixXd& reference,
                           const NoisyBasisOptions& options,
                           const ProgressSink& progress) {
  options.Check(reference.cols());
  NoisyBases result;
  result.d = reference.rows();
  result.modes = reference.cols();
  result.options = options;
  result.bases.resize(options.sigmas.size());
  Progress state{"noisy bases", 0, 0, 0, "bases", ""};
  state.total = options.draws * static_cast<std::int64_t>(options.sigmas.size());
  for (std::int64_t draw = 0; draw < options.draws; ++draw) {
    const MatrixXf clean = samples(draw);
    if (draw > 0 && clean.cols() != result.n) {
      throw Error("noisy bases: draw {} has {} samples, expected {} as the first",
                  draw,
                  clean.cols(),
                  result.n);
    }
    result.n = clean.cols();
    for (std::size_t level = 0; level < options.sigmas.size(); ++level) {
      if (CancelRequested()) {
        throw Interrupted("noisy bases: interrupted after {} of {}", state.done, state.total);
      }
      const NoiseCell cell = {static_cast<std::int64_t>(level), draw};
      result.bases[level].push_back(LearnNoisyBasis(clean, reference, options, cell));
      ++state.done;
      if (progress) progress(state);
    }
  }
  return result;
}

Index PredictedAboveEdge(const VectorXd& lambda, std::int64_t n, double sigma) {
  if (n < 2) throw Error("modes above the edge: n is {}, expected at least 2", n);
  const double least = sigma * sigma * VisibleStrength(Gamma(lambda.size(), n));
  return (lambda.array() > least).count();
}

VectorXd MatchingNull(Index d, Index modes, std::uint64_t seed) {
  if (modes < 1 || modes > d) {
    throw Error("matching null: {} modes in {} dimensions, expected 1 to {}", modes, d, d);
  }
  RandomStream random(seed, "matching null");
  const MatrixXd normals = NormalBlock(d, modes, random).cast<double>();
  const MatrixXf frame = Orthonormalised(normals, MatrixXf(d, 0), 0, random);
  // The fixed vectors are the first unit vectors: any others are a rotation away.
  const MatrixXd overlaps = frame.topRows(modes).cast<double>().cwiseAbs();
  const Eigen::VectorXi partner = BestAssignment(overlaps);
  VectorXd matched(modes);
  for (Index k = 0; k < modes; ++k) matched(k) = overlaps(k, partner(k));
  return matched;
}

}  // namespace denoscope
