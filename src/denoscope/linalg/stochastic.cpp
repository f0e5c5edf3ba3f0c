#include "denoscope/linalg/stochastic.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/orthonormal_block.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr Index kBlock = 16;  // probes a product
constexpr double kTwoPi = 6.283185307179586;
constexpr double kBreakdown = 1e-6;  // of |A v|: what a float32 product leaves of nothing
constexpr double kGridMargin = 4;    // widths beyond the extreme nodes: 6e-5 of their weight

void CheckOperator(const LinearOperator& A, std::string_view task) {
  if (A.Rows() == A.Cols() && A.Rows() > 0) return;
  throw Error(
      "{}: operator has shape ({},{}), expected a square one, not empty", task, A.Rows(), A.Cols());
}

void CheckAtLeast(std::int64_t value,
                  std::int64_t least,
                  std::string_view task,
                  std::string_view name) {
  if (value < least) throw Error("{}: {} is {}, expected at least {}", task, name, value, least);
}

void ThrowIfCancelled(std::string_view task, const CountingOperator& A) {
  if (CancelRequested())
    throw Interrupted("{}: interrupted after {} operator columns", task, A.Applications());
}

MatrixXf Signs(Index d, Index b, RandomStream& random) {
  MatrixXf Z(d, b);
  for (Index i = 0; i < Z.size(); ++i) Z.data()[i] = random.Below(2) == 0 ? -1.0F : 1.0F;
  return Z;
}

// Calls action(begin, size) for `count` columns in blocks.
template <typename Action>
void ForEachBlock(Index count,
                  std::string_view task,
                  const CountingOperator& A,
                  const Action& action) {
  for (Index begin = 0; begin < count; begin += kBlock) {
    ThrowIfCancelled(task, A);
    action(begin, std::min(kBlock, count - begin));
  }
}

// Of the rows of `samples` (k,n), n >= 2: means and standard errors.
std::pair<VectorXd, VectorXd> MeansAndErrors(const MatrixXd& samples) {
  const auto n = static_cast<double>(samples.cols());
  const VectorXd means = samples.rowwise().mean();
  const VectorXd squares = (samples.colwise() - means).rowwise().squaredNorm();
  return {means, (squares / (n * (n - 1))).cwiseSqrt()};
}

VectorXd ColumnProducts(const MatrixXf& X, const MatrixXf& Y) {
  return X.cast<double>().cwiseProduct(Y.cast<double>()).colwise().sum().transpose();
}

// A V, block by block.
MatrixXf ApplyInBlocks(const CountingOperator& A, const MatrixXf& V, std::string_view task) {
  MatrixXf images(A.Rows(), V.cols());
  ForEachBlock(V.cols(), task, A, [&](Index begin, Index size) {
    images.middleCols(begin, size) = CheckedApply(A, V.middleCols(begin, size));
  });
  return images;
}

}  // namespace

Estimate HutchinsonTrace(const LinearOperator& A, std::int64_t probes, std::uint64_t seed) {
  const std::string_view task = "hutchinson trace";
  CheckOperator(A, task);
  CheckAtLeast(probes, 2, task, "probes");
  const CountingOperator counted(A);
  RandomStream random(seed, task);
  MatrixXd samples(1, probes);
  ForEachBlock(probes, task, counted, [&](Index begin, Index size) {
    const MatrixXf Z = Signs(A.Cols(), size, random);
    samples.middleCols(begin, size) = ColumnProducts(Z, CheckedApply(counted, Z)).transpose();
  });
  const auto [mean, error] = MeansAndErrors(samples);
  return {mean(0), error(0), counted.Applications()};
}

Estimate HutchPlusPlusTrace(const LinearOperator& A, std::int64_t budget, std::uint64_t seed) {
  const std::string_view task = "hutch++ trace";
  CheckOperator(A, task);
  CheckAtLeast(budget, 4, task, "budget");
  const CountingOperator counted(A);
  RandomStream random(seed, task);
  const Index d = A.Cols();
  const bool whole = budget >= d;  // d products give the trace itself
  const Index sketch = whole ? d : std::max<Index>(budget / 3, 1);
  MatrixXf Q;
  if (whole) {
    Q = MatrixXf::Identity(d, d);
  } else {
    const MatrixXd image = ApplyInBlocks(counted, Signs(d, sketch, random), task).cast<double>();
    const double negligible = kBreakdown * image.colwise().norm().maxCoeff();
    Q = Orthonormalised(image, MatrixXf(d, 0), negligible, random);
  }
  Estimate estimate;
  estimate.value = ColumnProducts(Q, ApplyInBlocks(counted, Q, task)).sum();
  if (!whole) {
    const Index probes = budget - 2 * sketch;
    MatrixXd samples(1, probes);
    ForEachBlock(probes, task, counted, [&](Index begin, Index size) {
      const MatrixXd Z = Signs(d, size, random).cast<double>();
      const MatrixXf outside = (Z - Product(Q, TransposedProduct(Q, Z))).cast<float>();
      const MatrixXf image = CheckedApply(counted, outside);
      samples.middleCols(begin, size) = ColumnProducts(outside, image).transpose();
    });
    const auto [mean, error] = MeansAndErrors(samples);
    estimate.value += mean(0);
    estimate.error = error(0);
  }
  estimate.applications = counted.Applications();
  return estimate;
}

DiagonalEstimate StochasticDiagonal(const LinearOperator& A,
                                    std::int64_t probes,
                                    std::uint64_t seed) {
  const std::string_view task = "stochastic diagonal";
  CheckOperator(A, task);
  CheckAtLeast(probes, 2, task, "probes");
  const CountingOperator counted(A);
  RandomStream random(seed, task);
  // Welford's running mean and sum of squares: (d) numbers, whatever the number of probes.
  VectorXd mean = VectorXd::Zero(A.Cols()), squares = mean;
  MatrixXd traces(1, probes);
  double n = 0;
  ForEachBlock(probes, task, counted, [&](Index begin, Index size) {
    const MatrixXf Z = Signs(A.Cols(), size, random);
    const MatrixXd samples = Z.cwiseProduct(CheckedApply(counted, Z)).cast<double>();
    traces.middleCols(begin, size) = samples.colwise().sum();
    for (Index k = 0; k < size; ++k) {
      const VectorXd step = samples.col(k) - mean;
      mean += step / ++n;
      squares += step.cwiseProduct(samples.col(k) - mean);
    }
  });
  const auto [trace, error] = MeansAndErrors(traces);
  return {mean, (squares / (n * (n - 1))).cwiseSqrt(), trace(0), error(0), counted.Applications()};
}

namespace {

// One Lanczos process from one probe.
struct LanczosChain {
  MatrixXf V;  // (d,steps), the columns so far filled in
  std::vector<double> diagonal, off_diagonal;
  bool ended = false;  // the space is invariant, or the steps are done

  Index Size() const { return static_cast<Index>(diagonal.size()); }

  // Takes A v for the last v: w = A v - alpha v - beta v_before, here by orthogonalising against
  // all v twice; |w| is the next beta.
  void Advance(const VectorXd& image) {
    const Index m = Size() + 1;
    VectorXd w = image;
    VectorXd components = TransposedProduct(V.leftCols(m), w);
    diagonal.push_back(components(m - 1));
    w -= Product(V.leftCols(m), components);
    w -= Product(V.leftCols(m), TransposedProduct(V.leftCols(m), w));
    const double beta = w.norm();
    ended = m == V.cols() || beta <= kBreakdown * image.norm();
    if (ended) return;
    off_diagonal.push_back(beta);
    V.col(m) = (w / beta).cast<float>();
  }

  MatrixXd Tridiagonal() const {
    const Index m = Size();
    MatrixXd T = Eigen::Map<const VectorXd>(diagonal.data(), m).asDiagonal();
    T.diagonal(-1) = Eigen::Map<const VectorXd>(off_diagonal.data(), m - 1);
    return T;
  }
};

// Nodes and weights of one probe, weights of sum 1.
struct Quadrature {
  VectorXd nodes, weights;
};

std::vector<Quadrature> RunChains(const CountingOperator& A,
                                  Index count,
                                  Index steps,
                                  RandomStream& random) {
  const Index d = A.Cols();
  std::vector<LanczosChain> chains(static_cast<std::size_t>(count));
  for (LanczosChain& chain : chains) {
    chain.V.resize(d, steps);
    chain.V.col(0) = Signs(d, 1, random) / std::sqrt(static_cast<float>(d));
  }
  while (true) {
    ThrowIfCancelled("spectral density", A);
    std::vector<LanczosChain*> active;
    for (LanczosChain& chain : chains)
      if (!chain.ended) active.push_back(&chain);
    if (active.empty()) break;
    MatrixXf block(d, static_cast<Index>(active.size()));
    for (Index k = 0; k < block.cols(); ++k) {
      const LanczosChain& chain = *active[static_cast<std::size_t>(k)];
      block.col(k) = chain.V.col(chain.Size());
    }
    const MatrixXd images = CheckedApply(A, block).cast<double>();
    for (Index k = 0; k < block.cols(); ++k)
      active[static_cast<std::size_t>(k)]->Advance(images.col(k));
  }
  std::vector<Quadrature> quadratures;
  for (const LanczosChain& chain : chains) {
    const auto eigen = EigenSymmetric<double>(chain.Tridiagonal());
    quadratures.push_back({eigen.values, eigen.vectors.row(0).cwiseAbs2().transpose()});
  }
  return quadratures;
}

// All probes' nodes in ascending order, each weight divided by the number of probes.
void Merge(const std::vector<Quadrature>& quadratures, SpectralDensityEstimate& result) {
  std::vector<std::pair<double, double>> all;
  const auto n = static_cast<double>(quadratures.size());
  for (const Quadrature& q : quadratures)
    for (Index k = 0; k < q.nodes.size(); ++k) all.emplace_back(q.nodes(k), q.weights(k) / n);
  std::sort(all.begin(), all.end());
  const auto size = static_cast<Index>(all.size());
  result.nodes.resize(size);
  result.weights.resize(size);
  for (Index k = 0; k < size; ++k)
    std::tie(result.nodes(k), result.weights(k)) = all[static_cast<std::size_t>(k)];
  result.least = result.nodes(0);
  result.largest = result.nodes(size - 1);
}

// The density of each probe on the grid, (points,n).
MatrixXd Smoothed(const std::vector<Quadrature>& quadratures, const VectorXd& grid, double width) {
  MatrixXd densities = MatrixXd::Zero(grid.size(), static_cast<Index>(quadratures.size()));
  for (Index p = 0; p < densities.cols(); ++p) {
    const Quadrature& q = quadratures[static_cast<std::size_t>(p)];
    for (Index k = 0; k < q.nodes.size(); ++k) {
      const auto x = (grid.array() - q.nodes(k)) / width;
      densities.col(p).array() +=
          q.weights(k) * (-x.square() / 2).exp() / (std::sqrt(kTwoPi) * width);
    }
  }
  return densities;
}

Estimate Moment(const std::vector<Quadrature>& quadratures, int power, std::int64_t applications) {
  MatrixXd samples(1, static_cast<Index>(quadratures.size()));
  for (Index p = 0; p < samples.cols(); ++p) {
    const Quadrature& q = quadratures[static_cast<std::size_t>(p)];
    samples(0, p) = q.weights.dot(q.nodes.array().pow(power).matrix());
  }
  const auto [mean, error] = MeansAndErrors(samples);
  return {mean(0), error(0), applications};
}

}  // namespace

void DensityOptions::Check() const {
  const std::string_view task = "spectral density";
  CheckAtLeast(probes, 2, task, "probes");
  CheckAtLeast(steps, 1, task, "steps");
  CheckAtLeast(points, 2, task, "points");
  if (!(width >= 0 && std::isfinite(width)))
    throw Error("{}: width is {}, expected a finite number, at least 0", task, width);
}

SpectralDensityEstimate SpectralDensity(const LinearOperator& A, const DensityOptions& options) {
  options.Check();
  CheckOperator(A, "spectral density");
  const CountingOperator counted(A);
  RandomStream random(options.seed, "spectral density");
  const Index steps = std::min<Index>(options.steps, A.Cols());
  std::vector<Quadrature> quadratures;
  ForEachBlock(options.probes, "spectral density", counted, [&](Index, Index size) {
    for (Quadrature& q : RunChains(counted, size, steps, random))
      quadratures.push_back(std::move(q));
  });
  SpectralDensityEstimate result;
  result.applications = counted.Applications();
  Merge(quadratures, result);
  const double spread = result.largest - result.least;
  const double magnitude = std::max(std::abs(result.largest), std::abs(result.least));
  result.width = options.width;
  if (result.width == 0) result.width = spread / static_cast<double>(steps);
  // A single value has no spread: show it as a narrow peak.
  if (result.width <= kBreakdown * magnitude) result.width = magnitude > 0 ? magnitude / 100 : 0.01;
  const double margin = kGridMargin * result.width;
  result.grid = VectorXd::LinSpaced(options.points, result.least - margin, result.largest + margin);
  std::tie(result.density, result.density_errors) =
      MeansAndErrors(Smoothed(quadratures, result.grid, result.width));
  result.mean = Moment(quadratures, 1, result.applications);
  result.mean_square = Moment(quadratures, 2, result.applications);
  return result;
}

}  // namespace denoscope
