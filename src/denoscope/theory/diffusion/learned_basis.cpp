#include "denoscope/theory/diffusion/learned_basis.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/normals.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/leading_dense.h"
#include "denoscope/theory/diffusion/schedule.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr Index kExactSize = 256;  // float64 and LAPACK up to here
constexpr Index kPanelColumns = 128;

template <typename Scalar>
Matrix<Scalar> BothTriangles(const Matrix<Scalar>& lower) {
  return lower.template selfadjointView<Eigen::Lower>();
}

// Rows of all columns from `first` on that are 0 above the first other entry.
template <typename Scalar>
Index LeadingZeros(const Matrix<Scalar>& F, Index first, Index count) {
  Index zeros = F.rows();
  for (Index j = first; j < first + count; ++j) {
    Index i = 0;
    while (i < zeros && F(i, j) == 0) ++i;
    zeros = i;
  }
  return zeros;
}

// The Gram matrix of the shorter side of F, both triangles. A triangular F, a panel of columns at a
// time without its rows of zeros, takes a third of the products.
template <typename Scalar>
Matrix<Scalar> ShorterGram(const Matrix<Scalar>& F) {
  const Index size = std::min(F.rows(), F.cols());
  Matrix<Scalar> lower = Matrix<Scalar>::Zero(size, size);
  if (F.rows() > F.cols()) {
    lower.template selfadjointView<Eigen::Lower>().rankUpdate(F.transpose());
    return BothTriangles(lower);
  }
  const Index width = F(0, F.cols() - 1) == 0 ? kPanelColumns : F.cols();
  for (Index first = 0; first < F.cols(); first += width) {
    const Index count = std::min(width, F.cols() - first);
    const Index rows = size - LeadingZeros(F, first, count);
    lower.bottomRightCorner(rows, rows)
        .template selfadjointView<Eigen::Lower>()
        .rankUpdate(F.block(size - rows, first, rows, count));
  }
  return BothTriangles(lower);
}

LeadingBasis LeadingPairs(const MatrixXf& gram, Index rank) {
  const SymmetricEigen<float> eigen = LeadingOfDense(gram, rank);
  return {eigen.values.cast<double>(), eigen.vectors.cast<double>()};
}

LeadingBasis LeadingPairs(MatrixXd gram, Index rank) {
  SymmetricEigen<double> eigen = EigenSymmetricRange<double>(std::move(gram), 0, rank);
  return {std::move(eigen.values), std::move(eigen.vectors)};
}

// Gram-Schmidt in the order of the columns, which keep their signs.
void Orthonormalise(MatrixXd& V) {
  for (Index k = 0; k < V.cols(); ++k) {
    for (int pass = 0; pass < 2; ++pass)
      V.col(k) -= V.leftCols(k) * (V.leftCols(k).transpose() * V.col(k));
    V.col(k).normalize();
  }
}

// F += s Z, a column at a time, so that no second matrix is needed.
void AddNoise(MatrixXf& F, double s, RandomStream& random) {
  Eigen::VectorXf noise(F.rows());
  for (Index j = 0; j < F.cols(); ++j) {
    FillNormals(random, noise.data(), static_cast<std::size_t>(noise.size()));
    F.col(j) += static_cast<float>(s) * noise;
  }
}

MatrixXd Regression(const MatrixXf& cleaner, const MatrixXf& noisy, const LeadingBasis& basis) {
  const MatrixXf coordinates = noisy.transpose() * basis.vectors.cast<float>();
  const MatrixXd products = (cleaner * coordinates).cast<double>();
  const MatrixXd squares = coordinates.cast<double>().colwise().squaredNorm();
  return products.array().rowwise() / squares.row(0).array();
}

void CheckCancel(Index level) {
  if (CancelRequested()) throw Interrupted("learned bases: stopped at level {}", level);
}

LearnedChain LearnFresh(const NoisySource& source,
                        const VectorXd& levels,
                        const ChainOptions& options,
                        RandomStream& random) {
  LearnedChain chain;
  chain.sigmas = levels;
  const double divisor = static_cast<double>(options.samples - 1);
  for (Index i = 0; i < levels.size(); ++i) {
    CheckCancel(i);
    const MatrixXf factor = source.NoisyFactor(options.samples, levels(i), random);
    chain.bases.push_back(LeadingOfFactor(factor, options.rank, divisor));
  }
  return chain;
}

// From the cleanest level up: that is the order in which noise accumulates.
LearnedChain LearnAccumulated(const NoisySource& source,
                              const VectorXd& levels,
                              const ChainOptions& options,
                              RandomStream& random) {
  LearnedChain chain;
  chain.sigmas = levels;
  chain.bases.resize(static_cast<std::size_t>(levels.size()));
  chain.regressions.resize(chain.bases.size());
  const double divisor = static_cast<double>(options.samples - 1);
  MatrixXf noisy = source.CleanFactor(options.samples, random);
  double reached = 0;
  for (Index i = levels.size(); i-- > 0;) {
    CheckCancel(i);
    const MatrixXf cleaner = noisy;
    AddNoise(noisy, std::sqrt((levels(i) - reached) * (levels(i) + reached)), random);
    reached = levels(i);
    const std::size_t at = static_cast<std::size_t>(i);
    chain.bases[at] = LeadingOfFactor(noisy, options.rank, divisor);
    chain.regressions[at] = Regression(cleaner, noisy, chain.bases[at]);
  }
  return chain;
}

}  // namespace

LeadingBasis LeadingOfFactor(const MatrixXf& factor, Index rank, double divisor) {
  const Index size = std::min(factor.rows(), factor.cols());
  if (rank < 1 || rank > size) {
    throw Error("learned basis: rank is {}, expected 1 to {}, the smaller side of ({},{})",
                rank,
                size,
                factor.rows(),
                factor.cols());
  }
  LeadingBasis basis;
  if (size <= kExactSize) {
    basis = LeadingPairs(ShorterGram<double>(factor.cast<double>()), rank);
  } else {
    basis = LeadingPairs(ShorterGram<float>(factor), rank);
  }
  if (factor.rows() > factor.cols()) basis.vectors = factor.cast<double>() * basis.vectors;
  Orthonormalise(basis.vectors);
  basis.values = (basis.values / divisor).cwiseMax(0.0);
  return basis;
}

void ChainOptions::Check(Index d) const {
  if (samples < 2) throw Error("learned bases: n is {}, expected at least 2", samples);
  const Index largest = std::min(d, samples - 1);
  if (rank < 1 || rank > largest) {
    throw Error("learned bases: rank is {}, expected 1 to min(d, n - 1) = {}, d = {}, n = {}",
                rank,
                largest,
                d,
                samples);
  }
}

LearnedChain LearnChain(const NoisySource& source,
                        const VectorXd& levels,
                        NoiseKind kind,
                        const ChainOptions& options,
                        std::uint64_t trial) {
  CheckNoiseLevels(levels);
  options.Check(source.Dimension());
  if (kind == NoiseKind::kFresh) {
    RandomStream random(options.seed, "learned bases fresh", trial);
    return LearnFresh(source, levels, options, random);
  }
  RandomStream random(options.seed, "learned bases accumulated", trial);
  return LearnAccumulated(source, levels, options, random);
}

}  // namespace denoscope
