#include "denoscope/theory/pca/leading_pca.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/linalg/subspaces.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

// float32 products: 1e-6 of lambda_0, and the same over the smallest relative gap, 0.02, of those
// compared for a vector's angle.
constexpr double kValueTolerance = 5e-6;
constexpr double kAngleTolerance = 1e-3;

// Column scales (j+1)^-0.7 mixed by a fixed random matrix, mean far from zero.
MatrixXf Samples(Index d, Index n) {
  RandomStream random(3, "leading pca");
  MatrixXf X(d, n);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < d; ++i) {
      X(i, j) = static_cast<float>(random.Normal() * std::pow(i + 1.0, -0.7));
    }
  }
  MatrixXf mix(d, d);
  for (Index i = 0; i < mix.size(); ++i) mix.data()[i] = static_cast<float>(random.Normal());
  const MatrixXf mixed = mix * X / std::sqrt(static_cast<float>(d));
  return mixed.array() + 5.0f;
}

LeadingPcaOptions Options(Index count, Index exact_up_to) {
  LeadingPcaOptions options;
  options.count = count;
  options.exact_up_to = exact_up_to;
  options.block = 4;
  return options;
}

TEST(LeadingPca, StreamedAgreesWithTheCovariancesEigenpairs) {
  const Index d = 120, n = 400, K = 6;
  const MatrixXf X = Samples(d, n);
  SampleSource source = SourceOf(X);
  source.block = 64;  // six whole blocks and a part of one
  const LeadingPca exact = ComputeLeadingPca(source, Options(K, d));
  const LeadingPca streamed = ComputeLeadingPca(source, Options(K, d - 1));
  EXPECT_TRUE(exact.exact);
  EXPECT_FALSE(streamed.exact);
  EXPECT_TRUE(streamed.complete) << streamed.status;
  ASSERT_EQ(exact.eigenvalues.size(), d);
  ASSERT_EQ(streamed.eigenvalues.size(), K);
  const double scale = exact.eigenvalues(0);
  EXPECT_LT((streamed.eigenvalues - exact.eigenvalues.head(K)).norm(), kValueTolerance * scale);
  EXPECT_NEAR(streamed.total_variance, exact.total_variance, 1e-10 * exact.total_variance);
  EXPECT_LT((streamed.mean - exact.mean).norm(), 1e-10 * exact.mean.norm());
  const VectorXd cosines =
      MatchedCosines(streamed.basis.cast<double>(), exact.basis.cast<double>());
  EXPECT_GT(cosines.minCoeff(), 1 - kAngleTolerance);
  EXPECT_GT(streamed.passes, 1);
}

TEST(LeadingPca, ResidualsAreThoseOfTheDefinition) {
  const Index d = 60, K = 5;
  const MatrixXf X = Samples(d, 300);
  const MatrixXd Xd = X.cast<double>();
  const MatrixXd centred = Xd.colwise() - Xd.rowwise().mean();
  const MatrixXd covariance = centred * centred.transpose() / 299;
  for (const Index exact_up_to : {Index{0}, d}) {
    SCOPED_TRACE(exact_up_to);
    const LeadingPca pca = ComputeLeadingPca(SourceOf(X), Options(K, exact_up_to));
    const MatrixXd U = pca.basis.cast<double>();
    const MatrixXd error = covariance * U - U * pca.eigenvalues.head(K).asDiagonal();
    const VectorXd residuals = error.colwise().norm().transpose();
    EXPECT_LT((residuals - pca.residuals).norm(), kValueTolerance * pca.eigenvalues(0));
    EXPECT_LT(residuals.maxCoeff(), 2e-5 * pca.eigenvalues(0));  // the tolerance, twice
    EXPECT_LT((U.transpose() * U - MatrixXd::Identity(K, K)).norm(), 1e-6);
  }
}

TEST(LeadingPca, FewSamplesOfManyValues) {
  const LeadingPca pca = ComputeLeadingPca(SourceOf(Samples(150, 9)), Options(8, 100));
  EXPECT_TRUE(pca.complete) << pca.status;
  EXPECT_NEAR(pca.eigenvalues.sum(), pca.total_variance, 1e-5 * pca.total_variance);
}

TEST(LeadingPca, BlocksChangeNothingBeyondRounding) {
  SampleSource source = SourceOf(Samples(50, 101));
  const LeadingPca whole = ComputeLeadingPca(source, Options(4, 0));
  source.block = 10;
  const LeadingPca parts = ComputeLeadingPca(source, Options(4, 0));
  EXPECT_LT((whole.eigenvalues - parts.eigenvalues).norm(), kValueTolerance * whole.eigenvalues(0));
}

TEST(LeadingPca, ThrowsOnWhatHasNoComponents) {
  EXPECT_THROW(ComputeLeadingPca(SourceOf(Samples(5, 1)), Options(1, 9)), Error);
  EXPECT_THROW(ComputeLeadingPca(SourceOf(Samples(5, 4)), Options(4, 9)), Error);
  EXPECT_THROW(ComputeLeadingPca(SourceOf(Samples(5, 9)), Options(0, 9)), Error);
  const MatrixXf constant = MatrixXf::Constant(5, 9, 0.1f);
  for (const Index exact_up_to : {0, 9}) {
    EXPECT_THROW(ComputeLeadingPca(SourceOf(constant), Options(2, exact_up_to)), Error);
  }
  MatrixXf nearly = constant;
  nearly(2, 3) = std::nextafter(0.1f, 1.0f);  // the smallest difference is one
  for (const Index exact_up_to : {0, 9}) {
    EXPECT_NO_THROW(ComputeLeadingPca(SourceOf(nearly), Options(1, exact_up_to)));
  }
}

TEST(LeadingPca, ThrowsOnABadSource) {
  SampleSource source = SourceOf(Samples(5, 9));
  source.block = 0;
  EXPECT_THROW(ComputeLeadingPca(source, Options(2, 9)), Error);
  source = SourceOf(Samples(5, 9));
  source.d = 6;
  EXPECT_THROW(ComputeLeadingPca(source, Options(2, 9)), Error);
  MatrixXf bad = Samples(5, 9);
  bad(1, 8) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(ComputeLeadingPca(SourceOf(bad), Options(2, 0)), Error);
  EXPECT_THROW(ComputeLeadingPca(SampleSource(), Options(2, 0)), Error);
}

TEST(LeadingPca, StopsWhenCancelled) {
  RequestCancel();
  EXPECT_THROW(ComputeLeadingPca(SourceOf(Samples(5, 9)), Options(2, 0)), Interrupted);
  ClearCancel();
}

}  // namespace
}  // namespace denoscope
