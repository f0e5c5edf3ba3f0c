#include "denoscope/theory/optimal/mixture_fit.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/base/random.h"
#include "denoscope/linalg/dense_spectrum.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr int kMostPasses = 50;
constexpr double kFloor = 0.01;  // of the mean variance within clusters

// |x_j - c_i|^2, (centres, samples).
MatrixXd SquaredDistances(const MatrixXd& centres, const MatrixXd& X) {
  MatrixXd squares = -2 * centres.transpose() * X;
  squares.colwise() += centres.colwise().squaredNorm().transpose();
  squares.rowwise() += X.colwise().squaredNorm();
  return squares.cwiseMax(0);
}

VectorXd SampleAt(const SampleSource& samples, Index i) {
  return samples.read(i, i + 1).col(0).cast<double>();
}

// The sample at which the running sum of `chances` passes a uniform share of the whole.
Index Drawn(const VectorXd& chances, RandomStream& random) {
  double left = random.Uniform() * chances.sum();
  Index i = 0;
  for (; i + 1 < chances.size(); ++i)
    if ((left -= chances(i)) < 0) break;
  while (i > 0 && !(chances(i) > 0)) --i;  // rounding may carry it past the last one with a chance
  return i;
}

MatrixXd Starts(const SampleSource& samples, Index clusters, RandomStream& random) {
  MatrixXd centres(samples.d, clusters);
  VectorXd nearest = VectorXd::Ones(samples.n);
  for (Index k = 0; k < clusters; ++k) {
    if (!(nearest.maxCoeff() > 0))
      throw Error("mixture: {} clusters, expected at most the {} samples that differ", clusters, k);
    centres.col(k) = SampleAt(samples, Drawn(nearest, random));
    Index begin = 0;
    ForEachBlock(samples, [&](const MatrixXf& block) {
      const VectorXd squares =
          (block.cast<double>().colwise() - centres.col(k)).colwise().squaredNorm().transpose();
      auto part = nearest.segment(begin, block.cols());
      part = k == 0 ? squares : VectorXd(part.cwiseMin(squares));
      begin += block.cols();
    });
  }
  return centres;
}

// Each sample's nearest centre, and the number that changed.
Index Assign(const SampleSource& samples, const MatrixXd& centres, std::vector<Index>& nearest) {
  Index changed = 0;
  std::size_t sample = 0;
  ForEachBlock(samples, [&](const MatrixXf& block) {
    const MatrixXd squares = SquaredDistances(centres, block.cast<double>());
    for (Index j = 0; j < block.cols(); ++j, ++sample) {
      Index best = 0;
      squares.col(j).minCoeff(&best);
      changed += best != nearest[sample] ? 1 : 0;
      nearest[sample] = best;
    }
  });
  return changed;
}

// A cluster without samples keeps its centre.
void Recentre(const SampleSource& samples, const std::vector<Index>& nearest, MatrixXd& centres) {
  MatrixXd sums = MatrixXd::Zero(centres.rows(), centres.cols());
  VectorXd counts = VectorXd::Zero(centres.cols());
  std::size_t sample = 0;
  ForEachBlock(samples, [&](const MatrixXf& block) {
    for (Index j = 0; j < block.cols(); ++j, ++sample) {
      sums.col(nearest[sample]) += block.col(j).cast<double>();
      ++counts(nearest[sample]);
    }
  });
  for (Index k = 0; k < centres.cols(); ++k)
    if (counts(k) > 0) centres.col(k) = sums.col(k) / counts(k);
}

std::vector<CovarianceAccumulator> Sums(const SampleSource& samples,
                                        const std::vector<Index>& nearest,
                                        Index clusters) {
  std::vector<CovarianceAccumulator> sums(static_cast<std::size_t>(clusters),
                                          CovarianceAccumulator(samples.d));
  std::size_t begin = 0;
  ForEachBlock(samples, [&](const MatrixXf& block) {
    for (Index k = 0; k < clusters; ++k) {
      std::vector<Index> own;
      for (Index j = 0; j < block.cols(); ++j)
        if (nearest[begin + static_cast<std::size_t>(j)] == k) own.push_back(j);
      MatrixXd columns(block.rows(), static_cast<Index>(own.size()));
      for (std::size_t i = 0; i < own.size(); ++i)
        columns.col(static_cast<Index>(i)) = block.col(own[i]).cast<double>();
      sums[static_cast<std::size_t>(k)].Add(columns);
    }
    begin += static_cast<std::size_t>(block.cols());
  });
  return sums;
}

// The covariance may be 0, of one sample or of several that are the same.
Pca PcaOfCluster(const CovarianceAccumulator& sums) {
  Pca pca;
  pca.n = sums.Count();
  pca.mean = sums.Mean();
  const Index d = pca.mean.size();
  SymmetricEigen<double> eigen =
      EigenSymmetric<double>(sums.Count() > 1 ? sums.Covariance() : MatrixXd(MatrixXd::Zero(d, d)));
  pca.eigenvalues = eigen.values.cwiseMax(0.0);
  pca.basis = std::move(eigen.vectors);
  return pca;
}

GaussianMixture MixtureOf(const std::vector<CovarianceAccumulator>& sums, double samples) {
  GaussianMixture mixture;
  double within = 0;  // variance of a coordinate, mean over samples
  for (const CovarianceAccumulator& cluster : sums) {
    if (cluster.Count() == 0) continue;
    const double share = static_cast<double>(cluster.Count()) / samples;
    mixture.components.push_back({share, PcaOfCluster(cluster)});
    within += share * mixture.components.back().pca.eigenvalues.mean();
  }
  for (MixtureComponent& component : mixture.components)
    if (component.pca.n <= component.pca.mean.size())
      component.pca.eigenvalues = component.pca.eigenvalues.cwiseMax(kFloor * within);
  return mixture;
}

}  // namespace

GaussianMixture FitMixture(const SampleSource& samples, std::int64_t clusters, std::uint64_t seed) {
  samples.Check();
  if (clusters < 1 || clusters > samples.n)
    throw Error("mixture: {} clusters, expected 1 to {}, the samples", clusters, samples.n);
  CheckMemory("mixture",
              samples.d * samples.d * (24 * clusters + 32),
              fmt::format("{} covariances of d = {}", clusters, samples.d));
  RandomStream random(seed, "mixture/starts");
  MatrixXd centres = Starts(samples, clusters, random);
  std::vector<Index> nearest(static_cast<std::size_t>(samples.n), -1);
  for (int pass = 0; pass < kMostPasses; ++pass) {
    if (Assign(samples, centres, nearest) == 0) break;
    Recentre(samples, nearest, centres);
  }
  return MixtureOf(Sums(samples, nearest, clusters), static_cast<double>(samples.n));
}

}  // namespace denoscope
