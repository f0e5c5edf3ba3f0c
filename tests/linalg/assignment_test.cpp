#include "denoscope/linalg/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXi;

double Total(const MatrixXd& scores, const VectorXi& columns) {
  double total = 0;
  for (Index i = 0; i < scores.rows(); ++i) total += scores(i, columns(i));
  return total;
}

double BestOfAllPermutations(const MatrixXd& scores) {
  VectorXi columns = VectorXi::LinSpaced(scores.rows(), 0, static_cast<int>(scores.rows()) - 1);
  double best = -std::numeric_limits<double>::infinity();
  do {
    best = std::max(best, Total(scores, columns));
  } while (std::next_permutation(columns.data(), columns.data() + columns.size()));
  return best;
}

MatrixXd Scores(Index K, std::uint64_t trial, bool ties) {
  RandomStream random(2, "scores", trial);
  MatrixXd scores(K, K);
  for (Index i = 0; i < scores.size(); ++i) {
    scores.data()[i] = ties ? static_cast<double>(random.Below(3)) : random.Normal();
  }
  return scores;
}

TEST(Assignment, IsTheBestOfAllPermutations) {
  for (std::uint64_t trial = 0; trial < 60; ++trial) {
    const Index K = 1 + static_cast<Index>(trial % 7);
    const MatrixXd scores = Scores(K, trial, trial % 2 == 0);
    VectorXi columns = BestAssignment(scores);
    EXPECT_NEAR(Total(scores, columns), BestOfAllPermutations(scores), 1e-12);
    std::sort(columns.data(), columns.data() + K);
    EXPECT_EQ(columns, VectorXi(VectorXi::LinSpaced(K, 0, static_cast<int>(K) - 1)));
  }
}

// Every planted score is 1, every other one at most 0.8.
TEST(Assignment, FindsAPlantedPermutationAmongMany) {
  const Index K = 80;
  MatrixXd scores = 0.4 * Scores(K, 7, false).cwiseAbs().cwiseMin(2.0);
  const std::vector<std::int64_t> order = RandomStream(3, "order").Permutation(K);
  for (Index i = 0; i < K; ++i) scores(i, order[static_cast<std::size_t>(i)]) = 1;
  const VectorXi columns = BestAssignment(scores);
  for (Index i = 0; i < K; ++i) EXPECT_EQ(columns(i), order[static_cast<std::size_t>(i)]);
}

TEST(Assignment, PrefersTheTotalToTheLargestSingleScore) {
  EXPECT_EQ(BestAssignment((MatrixXd(2, 2) << 0.9, 0.8, 0.8, 0.1).finished()),
            VectorXi(Eigen::Vector2i(1, 0)));
}

TEST(Assignment, ThrowsOnWhatIsNoSquareOfNumbers) {
  EXPECT_THROW(BestAssignment(MatrixXd::Zero(2, 3)), Error);
  EXPECT_THROW(BestAssignment(MatrixXd::Constant(2, 2, std::numeric_limits<double>::infinity())),
               Error);
  EXPECT_EQ(BestAssignment(MatrixXd(0, 0)).size(), 0);
}

}  // namespace
}  // namespace denoscope
