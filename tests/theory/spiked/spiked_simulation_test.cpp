#include "denoscope/theory/spiked/spiked_simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/subspaces.h"
#include "tests/support/expect_error.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-9;  // of a Gram matrix whose eigenvalues span a factor 100

Population Spikes(std::int64_t n) { return {30, Eigen::Vector3d(12, 5, 2), n, 6}; }

// By the definition, and with the spikes along the columns of a random orthogonal U: the singular
// vectors of the centred samples.
NoisyPcaTrial SlowTrial(const Population& p, const NoisyPcaOptions& options, std::int64_t trial) {
  const MatrixXd U = RandomOrthonormal(p.d, p.d, "rotation");
  const Index r = p.lambda.size(), K = options.count;
  const MatrixXd Y =
      U.leftCols(r) * DrawClean(p, trial) + options.sigma * (U * DrawNoise(p, trial));
  const MatrixXd centred = Y.colwise() - Y.rowwise().mean();
  const Svd<double> svd = SvdDense<double>(centred);
  const MatrixXd found = svd.left.leftCols(K);
  const MatrixXd Sigma = U.leftCols(r) * p.lambda.asDiagonal() * U.leftCols(r).transpose();
  NoisyPcaTrial result;
  const VectorXd all = svd.values.array().square() / static_cast<double>(p.n - 1);
  result.bulk = VectorXd::Zero(p.d);
  result.bulk.head(all.size()) = all;
  result.eigenvalues = all.head(K);
  result.cos2 = MatchedCosines(found, U.leftCols(K)).array().square();
  result.signal = (found.transpose() * Sigma * found).diagonal();
  result.subspace_cos2 = PrincipalCosines(found, U.leftCols(K)).array().square();
  return result;
}

double Difference(const VectorXd& a, const VectorXd& b) {
  return a.size() == b.size() ? (a - b).cwiseAbs().maxCoeff() : INFINITY;
}

TEST(NoisyPca, AgreesWithItsDefinitionInAnyBasis) {
  for (const std::int64_t n : {12, 30, 31, 90}) {
    for (const Index count : {1, 3}) {
      SCOPED_TRACE(testing::Message() << "n " << n << ", count " << count);
      NoisyPcaOptions options;
      options.sigma = 0.8;
      options.count = count;
      options.whole_bulk = true;
      const NoisyPcaTrial fast = RunNoisyPcaTrial(Spikes(n), options, 3);
      const NoisyPcaTrial slow = SlowTrial(Spikes(n), options, 3);
      EXPECT_LT(Difference(fast.eigenvalues, slow.eigenvalues), kRounding);
      EXPECT_LT(Difference(fast.cos2, slow.cos2), kRounding);
      EXPECT_LT(Difference(fast.signal, slow.signal), kRounding);
      EXPECT_LT(Difference(fast.subspace_cos2, slow.subspace_cos2), kRounding);
      EXPECT_LT(Difference(fast.bulk, slow.bulk), kRounding);
    }
  }
}

TEST(NoisyPca, AllPairsAndSomePairsAreTheSame) {
  Population full = Spikes(90);
  full.lambda = VectorXd::LinSpaced(30, 6, 0);
  NoisyPcaOptions some, most;
  some.sigma = most.sigma = 0.8;
  some.count = 5;
  most.count = 28;
  const NoisyPcaTrial a = RunNoisyPcaTrial(full, some, 0), b = RunNoisyPcaTrial(full, most, 0);
  EXPECT_LT(Difference(a.cos2, b.cos2.head(5)), kRounding);
  EXPECT_LT(Difference(a.eigenvalues, b.eigenvalues.head(5)), kRounding);
  EXPECT_EQ(a.bulk.size(), 0);
}

TEST(NoisyPca, MeansAreThoseOfItsTrials) {
  NoisyPcaOptions options;
  options.sigma = 0.8;
  options.count = 2;
  options.trials = 7;
  options.whole_bulk = true;
  const NoisyPca all = SimulateNoisyPca(Spikes(40), options);
  TrialSums cos2, sin_theta;
  for (std::int64_t i = 0; i < 7; ++i) {
    const NoisyPcaTrial one = RunNoisyPcaTrial(Spikes(40), options, i);
    cos2.Add(one.cos2);
    sin_theta.Add((1 - one.cos2.array()).sqrt().matrix());
    EXPECT_EQ(VectorXd(all.bulk.col(static_cast<Index>(i))), one.bulk);
  }
  EXPECT_EQ(all.cos2.mean, cos2.Result().mean);
  EXPECT_EQ(all.cos2.error, cos2.Result().error);
  EXPECT_EQ(all.sin_theta.mean, sin_theta.Result().mean);
  EXPECT_EQ(all.eigenvalues.trials, 7);
  EXPECT_EQ(SimulateNoisyPca(Spikes(40), options).signal.mean, all.signal.mean);
}

TEST(NoisyPca, ThrowsOnBadInput) {
  const auto run = [](std::int64_t n, NoisyPcaOptions options) {
    return [=] { SimulateNoisyPca(Spikes(n), options); };
  };
  NoisyPcaOptions options;
  ExpectError(run(40, options), {"sigma is 0", "above 0"});
  options.sigma = 1;
  options.count = 4;
  ExpectError(run(40, options), {"rank is 4", "expected 1 to 3"});
  options.count = 3;
  ExpectError(run(3, options), {"rank is 3", "expected 1 to 2"});
  ExpectError(run(1, options), {"n is 1", "at least 2"});
  options.trials = 0;
  ExpectError(run(40, options), {"0 trials"});
}

}  // namespace
}  // namespace denoscope
