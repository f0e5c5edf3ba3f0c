#include "denoscope/theory/optimal/mixture_fit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/expect_error.h"
#include "tests/support/random_mixture.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;

MatrixXd Covariance(const Pca& pca) {
  return pca.basis * pca.eigenvalues.asDiagonal() * pca.basis.transpose();
}

// Clusters far apart are found exactly, whatever the blocks: each has the mean, covariance and
// share of its own samples.
TEST(MixtureFit, FindsClustersThatAreApart) {
  const GaussianMixture truth = RandomMixture(6, 3, 10);
  const MatrixXf X = DrawFrom(truth, 3000, 1).cast<float>();
  SampleSource source = SourceOf(X);
  source.block = 700;
  const GaussianMixture fit = FitMixture(source, 3, 0);
  ASSERT_EQ(fit.components.size(), 3u);
  for (const MixtureComponent& expected : truth.components) {
    const auto found = std::min_element(
        fit.components.begin(), fit.components.end(), [&](const auto& a, const auto& b) {
          return (a.pca.mean - expected.pca.mean).norm() < (b.pca.mean - expected.pca.mean).norm();
        });
    // Standard errors: sqrt(pi (1 - pi)/3000) = 0.009; 0.5/sqrt(500) = 0.02; 0.25 sqrt(2/500).
    EXPECT_NEAR(found->weight, expected.weight, 0.04);
    EXPECT_LT((found->pca.mean - expected.pca.mean).norm(), 0.1);
    EXPECT_LT((Covariance(found->pca) - Covariance(expected.pca)).norm(), 0.1);
    EXPECT_NEAR(static_cast<double>(found->pca.n), 3000 * found->weight, 1e-9);
  }
}

TEST(MixtureFit, IsTheSameForAnyBlocksAndSeededOtherwise) {
  const MatrixXf X = DrawFrom(RandomMixture(5, 3), 400, 2).cast<float>();
  SampleSource source = SourceOf(X);
  const auto weights = [&](std::int64_t block, std::uint64_t seed) {
    source.block = block;
    std::vector<double> found;
    for (const MixtureComponent& c : FitMixture(source, 4, seed).components)
      found.push_back(c.weight);
    return found;
  };
  EXPECT_EQ(weights(400, 0), weights(37, 0));
  EXPECT_NE(weights(400, 0), weights(400, 1));
}

// Two samples far off make a cluster of their own, of one direction; raised, it is certain in none.
TEST(MixtureFit, FewSamplesGetAFloor) {
  MatrixXf X = DrawFrom(RandomMixture(8, 1), 500, 3).cast<float>();
  X.rightCols(2).array() += 100;
  X(0, 499) += 4;
  const GaussianMixture fit = FitMixture(SourceOf(X), 2, 0);
  ASSERT_EQ(fit.components.size(), 2u);
  const auto& few = fit.components[fit.components[0].pca.n == 2 ? 0 : 1].pca;
  const auto& many = fit.components[fit.components[0].pca.n == 2 ? 1 : 0].pca;
  ASSERT_EQ(few.n, 2);
  EXPECT_GT(few.eigenvalues(0), 8);
  EXPECT_NEAR(few.eigenvalues(7), 0.01 * many.eigenvalues.mean(), 0.2 * few.eigenvalues(7));
  EXPECT_EQ(few.eigenvalues(7), few.eigenvalues(2));
}

TEST(MixtureFit, OneSampleIsTheSameInEveryDirection) {
  MatrixXf X = DrawFrom(RandomMixture(8, 1), 100, 3).cast<float>();
  X.col(50).array() += 100;
  const GaussianMixture fit = FitMixture(SourceOf(X), 2, 0);
  const auto& one = fit.components[fit.components[0].pca.n == 1 ? 0 : 1].pca;
  ASSERT_EQ(one.n, 1);
  EXPECT_GT(one.eigenvalues(7), 0);
  EXPECT_EQ(one.eigenvalues(0), one.eigenvalues(7));
}

TEST(MixtureFit, RefusesMoreClustersThanSamplesDiffer) {
  MatrixXf X = MatrixXf::Zero(3, 5);
  X(0, 4) = 1;
  ExpectError([&] { FitMixture(SourceOf(X), 3, 0); },
              {"3 clusters, expected at most the 2 samples that differ"});
  ExpectError([&] { FitMixture(SourceOf(X), 0, 0); }, {"0 clusters, expected 1 to 5"});
  EXPECT_EQ(FitMixture(SourceOf(X), 2, 0).components.size(), 2u);
}

}  // namespace
}  // namespace denoscope
