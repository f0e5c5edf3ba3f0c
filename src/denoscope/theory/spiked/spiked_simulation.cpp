#include "denoscope/theory/spiked/spiked_simulation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/subspaces.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Above this share of all pairs, divide and conquer on all of them is faster than inverse iteration
// on some (d = 800: equal at about a third).
constexpr double kRangeShare = 0.3;

MatrixXd NoisySamples(const Population& population, double sigma, std::int64_t trial) {
  MatrixXd Y = DrawNoise(population, trial);
  Y *= sigma;
  Y.topRows(population.lambda.size()) += DrawClean(population, trial);
  Centre(Y);
  return Y;
}

// Lower triangle of Y Y^T / (n - 1), or of Y^T Y / (n - 1) when that is smaller.
MatrixXd SmallerGram(const MatrixXd& Y) {
  const bool dual = Y.cols() < Y.rows();
  const Index side = dual ? Y.cols() : Y.rows();
  const double scale = 1 / static_cast<double>(Y.cols() - 1);
  MatrixXd G = MatrixXd::Zero(side, side);
  auto lower = G.selfadjointView<Eigen::Lower>();
  if (dual) {
    lower.rankUpdate(Y.transpose(), scale);
  } else {
    lower.rankUpdate(Y, scale);
  }
  return G;
}

SymmetricEigen<double> LeadingPairs(MatrixXd G, Index count) {
  const double all = static_cast<double>(G.rows());
  if (static_cast<double>(count) <= kRangeShare * all) {
    return EigenSymmetricRange<double>(std::move(G), 0, count);
  }
  SymmetricEigen<double> eigen = EigenSymmetric<double>(std::move(G));
  eigen.values.conservativeResize(count);
  eigen.vectors.conservativeResize(Eigen::NoChange, count);
  return eigen;
}

// Leading eigenvectors of Y Y^T, (d,K), from those of the smaller Gram matrix.
MatrixXd Directions(const MatrixXd& Y, SymmetricEigen<double> pairs) {
  if (pairs.vectors.rows() == Y.rows() && Y.cols() >= Y.rows()) return std::move(pairs.vectors);
  MatrixXd U = Y * pairs.vectors;
  U.colwise().normalize();
  return U;
}

VectorXd PaddedBulk(const MatrixXd& G, Index d) {
  const VectorXd values = EigenvaluesSymmetric<double>(G);
  VectorXd bulk = VectorXd::Zero(d);
  bulk.head(values.size()) = values.cwiseMax(0.0);  // rounding alone makes them negative
  return bulk;
}

}  // namespace

void NoisyPcaOptions::Check(const Population& population) const {
  population.Check();
  if (!(std::isfinite(sigma) && sigma > 0)) {
    throw Error("noisy pca: sigma is {}, expected a finite number above 0", sigma);
  }
  const auto samples = static_cast<Index>(population.n - 1);
  const Index most = std::min(population.lambda.size(), samples);
  if (count < 1 || count > most) {
    throw Error("noisy pca: rank is {}, expected 1 to {} ({} eigenvalues, n - 1 = {})",
                count,
                most,
                population.lambda.size(),
                samples);
  }
  if (trials < 1) throw Error("noisy pca: {} trials, expected at least 1", trials);
}

NoisyPcaTrial RunNoisyPcaTrial(const Population& population,
                               const NoisyPcaOptions& options,
                               std::int64_t trial) {
  options.Check(population);
  const MatrixXd Y = NoisySamples(population, options.sigma, trial);
  MatrixXd G = SmallerGram(Y);
  const Index K = options.count, r = population.lambda.size();
  NoisyPcaTrial result;
  if (options.whole_bulk) result.bulk = PaddedBulk(G, population.d);
  SymmetricEigen<double> pairs = LeadingPairs(std::move(G), K);
  result.eigenvalues = pairs.values;
  const MatrixXd U = Directions(Y, std::move(pairs));
  const MatrixXd true_by_estimated = U.topRows(K);
  result.cos2 = true_by_estimated.diagonal().array().square();
  result.signal = U.topRows(r).cwiseAbs2().transpose() * population.lambda;
  const VectorXd cosines = SingularValues<double>(true_by_estimated);
  result.subspace_cos2 = cosines.array().min(1.0).square();
  return result;
}

NoisyPca SimulateNoisyPca(const Population& population,
                          const NoisyPcaOptions& options,
                          const ProgressSink& progress) {
  options.Check(population);
  NoisyPca result;
  result.d = population.d;
  result.n = population.n;
  result.sigma = options.sigma;
  if (options.whole_bulk) result.bulk.resize(population.d, static_cast<Index>(options.trials));
  TrialSums eigenvalues, cos2, sin_theta, signal, subspace_cos2;
  RunTrials("noisy pca", options.trials, progress, [&](std::int64_t trial) {
    const NoisyPcaTrial one = RunNoisyPcaTrial(population, options, trial);
    eigenvalues.Add(one.eigenvalues);
    cos2.Add(one.cos2);
    sin_theta.Add((1 - one.cos2.array()).max(0.0).sqrt().matrix());
    signal.Add(one.signal);
    subspace_cos2.Add(one.subspace_cos2);
    if (options.whole_bulk) result.bulk.col(static_cast<Index>(trial)) = one.bulk;
  });
  result.eigenvalues = eigenvalues.Result();
  result.cos2 = cos2.Result();
  result.sin_theta = sin_theta.Result();
  result.signal = signal.Result();
  result.subspace_cos2 = subspace_cos2.Result();
  return result;
}

}  // namespace denoscope
