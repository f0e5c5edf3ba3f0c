#include "denoscope/linalg/ranked_operator.h"

#include <gtest/gtest.h>

#include "denoscope/base/cancel.h"
#include "denoscope/linalg/block_krylov.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

using Eigen::MatrixXf;

const Ranks& Job() { return Ranks::OfThisJob(); }
bool IsLast() { return Job().Rank() == Job().Count() - 1; }

// Of the same entries on every rank.
MatrixXf Entries(Eigen::Index rows, Eigen::Index cols) {
  MatrixXf A(rows, cols);
  for (Eigen::Index j = 0; j < cols; ++j)
    for (Eigen::Index i = 0; i < rows; ++i)
      A(i, j) = std::sin(static_cast<float>(1 + i * cols + j)) + (i == j ? 0.1F : 0.0F);
  return A;
}

TEST(RankedOperator, GivesEachRankTheWholeProduct) {
  const DenseOperator A(Entries(30, 20));
  const RankedOperator shared(A, Job());
  for (const Eigen::Index columns : {0, 1, 2, 3, 8}) {
    const MatrixXf V = Entries(20, columns), U = Entries(30, columns);
    EXPECT_LT((shared.Apply(V) - A.Apply(V)).norm(), 1e-5F * (1 + V.norm()));
    EXPECT_LT((shared.ApplyTranspose(U) - A.ApplyTranspose(U)).norm(), 1e-5F * (1 + U.norm()));
  }
  EXPECT_EQ(shared.Applications(), 28);
  // Of 1, 2, 3 and 8 columns the last rank of two multiplies 1, 1, 2 and 4, the first 0, 1, 1, 4.
  if (Job().Count() == 2) EXPECT_EQ(shared.BytesHeard(), (IsLast() ? 6 : 8) * 50 * 4);
  if (Job().Count() == 1) EXPECT_EQ(shared.BytesHeard(), 0);
}

TEST(RankedOperator, LeadingPairsAreThoseOfTheMatrixAndTheSameBytesEverywhere) {
  const MatrixXf X = Entries(60, 60);
  const DenseOperator A((X + X.transpose()) / 2);
  const RankedOperator shared(A, Job());
  KrylovOptions options;
  options.count = 5;
  RitzPairs eigen;
  SingularTriplets svd;
  shared.Together([&] {
    eigen = LeadingEigenpairs(shared, options);
    svd = LeadingSingularTriplets(shared, options);
  });
  const auto exact = EigenSymmetric<double>(((X + X.transpose()) / 2).cast<double>());
  const double scale = exact.values.cwiseAbs().maxCoeff();
  EXPECT_TRUE(eigen.complete) << eigen.status;
  EXPECT_LT((eigen.values - exact.values.head(5)).cwiseAbs().maxCoeff(), 1e-5 * scale);
  EXPECT_NEAR(svd.values(0), scale, 1e-5 * scale);
  const std::string bytes(reinterpret_cast<const char*>(eigen.vectors.data()),
                          static_cast<std::size_t>(eigen.vectors.size()) * sizeof(float));
  for (const std::string& other : Job().Gather(bytes)) EXPECT_TRUE(other == bytes);
}

class Failing final : public LinearOperator {
 public:
  Eigen::Index Rows() const override { return 4; }
  Eigen::Index Cols() const override { return 4; }
  MatrixXf Apply(const MatrixXf&) const override { throw Error("no graph"); }
  MatrixXf ApplyTranspose(const MatrixXf& U) const override { return U; }
};

TEST(RankedOperator, AnErrorOfOneRanksProductReachesAll) {
  const DenseOperator good(Entries(4, 4));
  const Failing bad;
  const RankedOperator shared(IsLast() ? static_cast<const LinearOperator&>(bad) : good, Job());
  ExpectError([&] { shared.Apply(Entries(4, 8)); }, {"no graph"});
}

TEST(RankedOperator, ARankThatIsAskedToStopStopsAll) {
  const DenseOperator A(Entries(4, 4));
  const RankedOperator shared(A, Job());
  if (IsLast()) RequestCancel();
  EXPECT_THROW(shared.Apply(Entries(4, 8)), Interrupted);
  ClearCancel();
}

// The others are in a product by then, or at the end of the work.
TEST(RankedOperator, ARankThatLeavesBetweenProductsTakesTheOthersWithIt) {
  const DenseOperator A(Entries(4, 4));
  const RankedOperator shared(A, Job());
  const auto product = [&] { shared.Apply(Entries(4, 8)); };
  const auto stop = [&] {
    if (IsLast()) throw Interrupted("search: interrupted");
  };
  const auto fail = [&] {
    if (IsLast()) throw Error("search: no room");
  };
  EXPECT_THROW(shared.Together([&] { product(), stop(), product(); }), Interrupted);
  EXPECT_THROW(shared.Together([&] { product(), stop(); }), Interrupted);
  ExpectError([&] { shared.Together([&] { product(), fail(), product(); }); }, {"search: no room"});
  EXPECT_NO_THROW(shared.Together(product));
}

TEST(RankedOperator, RanksThatMultiplyDifferentVectorsAreRefused) {
  if (Job().Count() == 1) GTEST_SKIP() << "one rank alone";
  const DenseOperator A(Entries(4, 4));
  const RankedOperator shared(A, Job());
  ExpectError([&] { shared.Apply(IsLast() ? 2 * Entries(4, 8) : Entries(4, 8)); },
              {fmt::format("rank {} of {}", Job().Count() - 1, Job().Count()),
               "computes something else than rank 0"});
}

}  // namespace
}  // namespace denoscope
