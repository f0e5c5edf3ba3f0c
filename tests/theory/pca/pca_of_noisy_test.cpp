#include "denoscope/theory/pca/pca_of_noisy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/random.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kSize = 6;
constexpr double kSigma = 0.7;
constexpr std::uint64_t kTrials = 1500;
// Of means over the trials. About 100 are compared: one in 15,000 such sets fails by chance.
constexpr double kStandardErrors = 5;

// Images far from Gaussian: two clusters, and a cube of a normal.
MatrixXd Images(Index n) {
  RandomStream random(3, "tests/pca of noisy");
  MatrixXd X(kSize, n);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < kSize; ++j)
      X(j, i) = 1 + std::pow(random.Normal(), 3) / (2.0 + static_cast<double>(j));
    X(0, i) += i % 2 == 0 ? 3 : -3;
  }
  return X;
}

Pca PcaOf(const MatrixXd& X) {
  CovarianceAccumulator sums(X.rows());
  sums.Add(X);
  return ComputePca(sums);
}

// What a trial is judged by: mean, eigenvalues, and the overlap of each v_k with the leading u.
VectorXd Numbers(const Pca& noisy, const Pca& clean) {
  VectorXd numbers(4 * kSize);
  const VectorXd shift = noisy.mean - clean.mean;
  numbers << shift, shift.cwiseAbs2(), noisy.eigenvalues,
      (noisy.basis.transpose() * clean.basis.col(0)).cwiseAbs2();
  return numbers;
}

struct Moments {
  VectorXd sum = VectorXd::Zero(8 * kSize), squares = sum;  // of the numbers and their squares
  void Add(const VectorXd& numbers) {
    VectorXd both(8 * kSize);
    both << numbers, numbers.cwiseAbs2();
    sum += both;
    squares += both.cwiseAbs2();
  }
  VectorXd Mean() const { return sum / static_cast<double>(kTrials); }
  VectorXd SquaredError() const {
    return (squares / static_cast<double>(kTrials) - Mean().cwiseAbs2()) /
           static_cast<double>(kTrials);
  }
};

// The slow twin: noise on every image. Fewer images than pixels, as many and one more, and many.
TEST(PcaOfNoisy, HasTheLawOfPcaOfNoisyImages) {
  for (const Index n : {4, 6, 7, 8, 40}) {
    SCOPED_TRACE(n);
    const MatrixXd X = Images(n);
    const Pca clean = PcaOf(X);
    Moments fast, slow;
    for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
      fast.Add(Numbers(PcaOfNoisy(clean, kSigma, trial), clean));
      RandomStream random(4, "tests/noise", trial);
      MatrixXd Y = X;
      for (Index i = 0; i < Y.size(); ++i) Y.data()[i] += kSigma * random.Normal();
      slow.Add(Numbers(PcaOf(Y), clean));
    }
    const VectorXd error = (fast.SquaredError() + slow.SquaredError()).cwiseSqrt();
    const VectorXd difference = (fast.Mean() - slow.Mean()).cwiseAbs();
    // Eigenvalues beyond n - 1 are 0 but for rounding.
    for (Index i = 0; i < error.size(); ++i)
      EXPECT_LE(difference(i), kStandardErrors * error(i) + 1e-12) << i;
  }
}

TEST(PcaOfNoisy, WithHardlyAnyNoiseIsThatOfTheImages) {
  const Pca clean = PcaOf(Images(40));
  const Pca noisy = PcaOfNoisy(clean, 1e-7, 1);
  constexpr double kTolerance = 1e-6;  // a few sigma
  EXPECT_EQ(noisy.n, 40);
  EXPECT_LT((noisy.mean - clean.mean).norm(), kTolerance);
  EXPECT_LT((noisy.eigenvalues - clean.eigenvalues).norm(), kTolerance);
  EXPECT_GT((noisy.basis.transpose() * clean.basis).diagonal().cwiseAbs().minCoeff(),
            1 - kTolerance);
}

TEST(PcaOfNoisy, RefusesWhatIsNoPca) {
  Pca clean = PcaOf(Images(40));
  ExpectError([&] { PcaOfNoisy(clean, 0, 1); }, {"sigma is 0"});
  clean.basis = MatrixXd(clean.basis.leftCols(2));
  ExpectError([&] { PcaOfNoisy(clean, 1, 1); }, {"basis (6,2)", "expected all 6"});
}

}  // namespace
}  // namespace denoscope
