#include "denoscope/linalg/block_krylov.h"

#include <Spectra/MatOp/DenseSymMatProd.h>
#include <Spectra/SymEigsSolver.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/linear_operator.h"
#include "tests/support/expect_error.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kRounding = 1e-5;   // of float32 matrices and products of norm about 1, d <= 400
constexpr double kTolerance = 1e-4;  // the solvers' default

// Symmetric, with the given eigenvalues and random eigenvectors.
MatrixXf WithEigenvalues(const VectorXd& values) {
  const MatrixXd Q = RandomOrthonormal(values.size(), values.size(), "eigenvectors");
  const MatrixXd A = Q * values.asDiagonal() * Q.transpose();
  return ((A + A.transpose()) / 2).cast<float>();
}

VectorXd Spectrum(Index d, const std::function<double(Index)>& value) {
  VectorXd values(d);
  for (Index k = 0; k < d; ++k) values(k) = value(k);
  return values;
}

VectorXd SmoothSpectrum(Index d) {
  return Spectrum(d, [](Index k) { return 1 / (1 + std::pow(static_cast<double>(k) / 10, 2)); });
}

KrylovOptions Count(Index count) {
  KrylovOptions options;
  options.count = count;
  return options;
}

double OrthonormalityError(const MatrixXf& V) {
  const MatrixXd gram = V.cast<double>().transpose() * V.cast<double>();
  return (gram - MatrixXd::Identity(V.cols(), V.cols())).cwiseAbs().maxCoeff();
}

// Sine of the angle between the unit vectors of equal columns.
VectorXd Sines(const MatrixXd& U, const MatrixXd& V) {
  VectorXd sines(U.cols());
  for (Index k = 0; k < U.cols(); ++k)
    sines(k) = (V.col(k) - U.col(k) * U.col(k).dot(V.col(k))).norm();
  return sines;
}

void ExpectHonest(const MatrixXf& A, const RitzPairs& pairs) {
  const MatrixXd V = pairs.vectors.cast<double>();
  const MatrixXd R = A.cast<double>() * V - V * pairs.values.asDiagonal();
  const VectorXd residuals = R.colwise().norm().transpose();
  EXPECT_LT((residuals - pairs.residuals).cwiseAbs().maxCoeff(), kRounding);
  EXPECT_LT(OrthonormalityError(pairs.vectors), kRounding);
  EXPECT_EQ(pairs.complete, pairs.converged == pairs.values.size());
  EXPECT_FALSE(pairs.status.empty());
}

TEST(LeadingEigenpairs, AgreeWithTheDenseTwin) {
  const Index d = 400, K = 12;
  const MatrixXf A = WithEigenvalues(SmoothSpectrum(d));
  const auto twin = EigenSymmetric<double>(A.cast<double>());
  const DenseOperator op(A);
  const CountingOperator counted(op);
  const RitzPairs pairs = LeadingEigenpairs(counted, Count(K));
  ExpectHonest(A, pairs);
  EXPECT_TRUE(pairs.complete) << pairs.status;
  EXPECT_EQ(pairs.applications, counted.Forward());
  EXPECT_EQ(counted.Transposed(), 0);
  EXPECT_LT(pairs.applications, d / 2);
  EXPECT_LT((pairs.values - twin.values.head(K)).cwiseAbs().maxCoeff(), kRounding);
  const VectorXd sines = Sines(twin.vectors.leftCols(K), pairs.vectors.cast<double>());
  for (Index k = 0; k < K; ++k) {
    EXPECT_LE(sines(k), pairs.angle_bounds(k) + kRounding) << k;
    EXPECT_LT(pairs.angle_bounds(k), 0.05) << k;
    EXPECT_EQ(pairs.cluster_sizes(k), 1) << k;
  }
}

// The single-vector Lanczos of Spectra, which shares no code with ours.
TEST(LeadingEigenpairs, AgreeWithSpectra) {
  const Index d = 300, K = 10;
  const MatrixXf A =
      WithEigenvalues(Spectrum(d, [](Index k) { return std::cos(0.07 * static_cast<double>(k)); }));
  const MatrixXd wide = A.cast<double>();
  for (const Leading leading : {Leading::kLargest, Leading::kLargestMagnitude}) {
    Spectra::DenseSymMatProd<double> product(wide);
    Spectra::SymEigsSolver<Spectra::DenseSymMatProd<double>> spectra(product, K, 80);
    spectra.init();
    const bool largest = leading == Leading::kLargest;
    spectra.compute(largest ? Spectra::SortRule::LargestAlge : Spectra::SortRule::LargestMagn);
    ASSERT_EQ(spectra.info(), Spectra::CompInfo::Successful);
    VectorXd expected = spectra.eigenvalues();
    KrylovOptions options = Count(K);
    options.leading = leading;
    options.tolerance = 2e-5;
    options.max_applications = 2000;
    const RitzPairs pairs = LeadingEigenpairs(DenseOperator(A), options);
    EXPECT_TRUE(pairs.complete) << pairs.status;
    VectorXd values = pairs.values;
    if (!largest) {  // magnitudes that are nearly equal may come in either order
      EXPECT_TRUE((values.head(K - 1).cwiseAbs() - values.tail(K - 1).cwiseAbs()).minCoeff() >=
                  -kRounding);
      std::sort(values.data(), values.data() + K);
      std::sort(expected.data(), expected.data() + K);
    }
    EXPECT_LT((values - expected).cwiseAbs().maxCoeff(), 1e-4);
  }
}

TEST(LeadingEigenpairs, RestartsReachTheSamePairs) {
  const MatrixXf A = WithEigenvalues(SmoothSpectrum(400));
  KrylovOptions options = Count(12);
  options.subspace = 30;
  options.block = 4;
  const RitzPairs pairs = LeadingEigenpairs(DenseOperator(A), options);
  EXPECT_TRUE(pairs.complete) << pairs.status;
  EXPECT_EQ(pairs.status.find(" 0 restarts"), std::string::npos) << pairs.status;
  ExpectHonest(A, pairs);
  EXPECT_LT((pairs.values - SmoothSpectrum(400).head(12)).cwiseAbs().maxCoeff(), kRounding);
}

TEST(LeadingEigenpairs, OfANonsymmetricOperatorThroughItsSymmetricPart) {
  const Index d = 200;
  const MatrixXf A = (RandomMatrix(d, d, "nonsymmetric") / std::sqrt(d)).cast<float>();
  const DenseOperator op(A);
  const SymmetricPart symmetric(op);
  KrylovOptions options = Count(8);
  const RitzPairs pairs = LeadingEigenpairs(symmetric, options);
  const MatrixXf S = (A + A.transpose()) / 2;
  EXPECT_TRUE(pairs.complete) << pairs.status;
  ExpectHonest(S, pairs);
  const VectorXd expected = EigenvaluesSymmetric<double>(S.cast<double>()).head(8);
  EXPECT_LT((pairs.values - expected).cwiseAbs().maxCoeff(), kTolerance * pairs.values(0));
}

TEST(LeadingEigenpairs, NegativeSpectrum) {
  const Index d = 150;
  const MatrixXf A = WithEigenvalues(-SmoothSpectrum(d));
  KrylovOptions options = Count(5);
  options.leading = Leading::kLargestMagnitude;
  const RitzPairs magnitude = LeadingEigenpairs(DenseOperator(A), options);
  EXPECT_TRUE(magnitude.complete) << magnitude.status;
  EXPECT_LT((magnitude.values + SmoothSpectrum(d).head(5)).cwiseAbs().maxCoeff(), kRounding);
  // The largest are those next to zero, dense: the whole space decides.
  options = Count(5);
  options.subspace = d;
  options.max_applications = 2 * d;
  const RitzPairs largest = LeadingEigenpairs(DenseOperator(A), options);
  EXPECT_TRUE(largest.complete) << largest.status;
  EXPECT_LT((largest.values.reverse() + SmoothSpectrum(d).tail(5)).cwiseAbs().maxCoeff(), 1e-4);
}

TEST(LeadingEigenpairs, ZeroAndIdentity) {
  const Index d = 100;
  const RitzPairs zero = LeadingEigenpairs(DenseOperator(MatrixXf::Zero(d, d)), Count(6));
  EXPECT_TRUE(zero.complete) << zero.status;
  EXPECT_EQ(zero.values.cwiseAbs().maxCoeff(), 0);
  EXPECT_LT(OrthonormalityError(zero.vectors), kRounding);
  const RitzPairs identity = LeadingEigenpairs(DenseOperator(MatrixXf::Identity(d, d)), Count(20));
  EXPECT_TRUE(identity.complete) << identity.status;
  EXPECT_LT((identity.values.array() - 1).abs().maxCoeff(), kRounding);
  EXPECT_GE(identity.cluster_sizes.minCoeff(), 20);
  EXPECT_NE(identity.status.find("0 of 20 values are single"), std::string::npos)
      << identity.status;
}

TEST(LeadingEigenpairs, RankBelowCount) {
  const Index d = 120;
  const VectorXd values =
      Spectrum(d, [](Index k) { return k < 3 ? 3.0 - static_cast<double>(k) : 0; });
  const RitzPairs pairs = LeadingEigenpairs(DenseOperator(WithEigenvalues(values)), Count(10));
  EXPECT_TRUE(pairs.complete) << pairs.status;
  EXPECT_LT((pairs.values - values.head(10)).cwiseAbs().maxCoeff(), 3 * kRounding);
}

TEST(LeadingEigenpairs, CountBeyondTheSizeIsClipped) {
  const Index sizes[] = {1, 2, 7, 20};
  for (const Index d : sizes) {
    SCOPED_TRACE(d);
    const MatrixXf A = WithEigenvalues(SmoothSpectrum(d));
    const RitzPairs pairs = LeadingEigenpairs(DenseOperator(A), KrylovOptions());
    ASSERT_EQ(pairs.values.size(), d);
    EXPECT_TRUE(pairs.complete) << pairs.status;
    EXPECT_NE(pairs.status.find("whole space"), std::string::npos) << pairs.status;
    ExpectHonest(A, pairs);
    EXPECT_LT((pairs.values - SmoothSpectrum(d)).cwiseAbs().maxCoeff(), kRounding);
    EXPECT_EQ(pairs.applications, 2 * d);
  }
}

// Story: from a block of 8 a Krylov space holds 8 vectors of any eigenspace. Here the largest value
// is repeated 20 times, and the 12 missing copies would be replaced by smaller values whose
// residuals are small as well.
TEST(LeadingEigenpairs, FindsAllCopiesOfAValueRepeatedBeyondTheBlock) {
  const Index d = 400, copies = 20, K = 24;
  const VectorXd values = Spectrum(d, [&](Index k) {
    return k < copies ? 1.0 : 0.8 * std::exp(-0.2 * static_cast<double>(k - copies));
  });
  const RitzPairs pairs = LeadingEigenpairs(DenseOperator(WithEigenvalues(values)), Count(K));
  EXPECT_TRUE(pairs.complete) << pairs.status;
  EXPECT_LT((pairs.values - values.head(K)).cwiseAbs().maxCoeff(), kRounding);
  for (Index k = 0; k < K; ++k) EXPECT_EQ(pairs.cluster_sizes(k), k < copies ? copies : 1) << k;
}

TEST(LeadingEigenpairs, AnUnresolvedClusterIsSaid) {
  const Index d = 400;
  const VectorXd values = Spectrum(d, [](Index k) {
    return k < 100 ? 1 - 1e-5 * static_cast<double>(k) : 0.5 / (1 + static_cast<double>(k));
  });
  KrylovOptions options = Count(10);
  options.tolerance = 1e-5;
  options.max_applications = 120;
  const MatrixXf A = WithEigenvalues(values);
  const RitzPairs pairs = LeadingEigenpairs(DenseOperator(A), options);
  ExpectHonest(A, pairs);
  EXPECT_FALSE(pairs.complete) << pairs.status;
  EXPECT_LE(pairs.applications, 120);
  EXPECT_NE(pairs.status.find("stopped at the limit of 120"), std::string::npos) << pairs.status;
  EXPECT_LT((pairs.values - values.head(10)).cwiseAbs().maxCoeff(), 1e-3);  // the cluster's width
}

TEST(LeadingSingularTriplets, AgreeWithTheDenseTwin) {
  const Index K = 10, r = 150;
  const MatrixXd U = RandomOrthonormal(300, r, "left"), V = RandomOrthonormal(r, r, "right");
  const MatrixXf tall = (U * SmoothSpectrum(r).asDiagonal() * V.transpose()).cast<float>();
  for (const MatrixXf& A : {tall, MatrixXf(tall.transpose()), MatrixXf(tall.topRows(r))}) {
    SCOPED_TRACE(testing::Message() << A.rows() << " x " << A.cols());
    const auto twin = SvdDense<double>(A.cast<double>());
    const DenseOperator op(A);
    const CountingOperator counted(op);
    const SingularTriplets triplets = LeadingSingularTriplets(counted, Count(K));
    EXPECT_TRUE(triplets.complete) << triplets.status;
    EXPECT_EQ(triplets.applications, counted.Applications());
    EXPECT_LT((triplets.values - twin.values.head(K)).cwiseAbs().maxCoeff(), kRounding);
    EXPECT_LT(OrthonormalityError(triplets.left), kRounding);
    EXPECT_LT(OrthonormalityError(triplets.right), kRounding);
    const VectorXd left = Sines(twin.left.leftCols(K), triplets.left.cast<double>());
    const VectorXd right = Sines(twin.right.leftCols(K), triplets.right.cast<double>());
    for (Index k = 0; k < K; ++k)
      EXPECT_LE(std::max(left(k), right(k)), triplets.angle_bounds(k) + kRounding) << k;
    const MatrixXf R =
        A * triplets.right - triplets.left * triplets.values.cast<float>().asDiagonal();
    EXPECT_LT(R.colwise().norm().maxCoeff(), kTolerance);
  }
}

// The square of 1e-3 is below float32 rounding of the square of 1 already at two digits.
TEST(LeadingSingularTriplets, SmallValuesAreNotSquared) {
  const Index d = 100, K = 8;
  const VectorXd values =
      Spectrum(d, [](Index k) { return std::pow(10.0, -static_cast<double>(k) / 2); });
  const MatrixXd U = RandomOrthonormal(d, d, "small left"),
                 V = RandomOrthonormal(d, d, "small right");
  const MatrixXf A = (U * values.asDiagonal() * V.transpose()).cast<float>();
  const SingularTriplets triplets = LeadingSingularTriplets(DenseOperator(A), Count(K));
  EXPECT_TRUE(triplets.complete) << triplets.status;
  const VectorXd expected = SingularValues<double>(A.cast<double>()).head(K);
  EXPECT_LT((triplets.values - expected).cwiseAbs().maxCoeff(), 1e-6);
}

TEST(LeadingSingularTriplets, ZeroRankDeficientAndTiny) {
  const SingularTriplets zero =
      LeadingSingularTriplets(DenseOperator(MatrixXf::Zero(30, 20)), Count(5));
  EXPECT_TRUE(zero.complete) << zero.status;
  EXPECT_EQ(zero.values.maxCoeff(), 0);
  EXPECT_LT(OrthonormalityError(zero.left), kRounding);
  const MatrixXf low = (RandomMatrix(80, 3, "a") * RandomMatrix(3, 60, "b") / 80).cast<float>();
  const SingularTriplets rank3 = LeadingSingularTriplets(DenseOperator(low), Count(9));
  EXPECT_TRUE(rank3.complete) << rank3.status;
  EXPECT_LT(rank3.values.tail(6).maxCoeff(), kRounding);
  const MatrixXf one = MatrixXf::Constant(1, 1, -2);
  const SingularTriplets single = LeadingSingularTriplets(DenseOperator(one), KrylovOptions());
  ASSERT_EQ(single.values.size(), 1);
  EXPECT_NEAR(single.values(0), 2, kRounding);
  EXPECT_NEAR(single.left(0, 0) * single.right(0, 0), -1, kRounding);
}

// Returns NaN in the product that brings the count of columns to `last`.
class FailingOperator final : public LinearOperator {
 public:
  FailingOperator(Index d, Index last) : d_(d), last_(last) {}
  Index Rows() const override { return d_; }
  Index Cols() const override { return d_; }
  MatrixXf Apply(const MatrixXf& V) const override {
    MatrixXf image = V;
    for (Index k = 0; k < V.cols(); ++k)
      if (++done_ == last_) image(2, k) = std::numeric_limits<float>::quiet_NaN();
    return image;
  }
  MatrixXf ApplyTranspose(const MatrixXf& U) const override { return Apply(U); }

 private:
  Index d_, last_;
  mutable Index done_ = 0;
};

TEST(BlockKrylov, NamesTheApplicationThatIsNotFinite) {
  const std::string message = "of application 19 is nan at entry 2, expected finite numbers";
  ExpectError([&] { LeadingEigenpairs(FailingOperator(50, 19), KrylovOptions()); },
              {"operator (50,50): product A v " + message});
  ExpectError([&] { LeadingSingularTriplets(FailingOperator(50, 9), KrylovOptions()); },
              {"product A^T u of application 9 is nan"});
}

TEST(BlockKrylov, SameSeedSameBytes) {
  const DenseOperator op(WithEigenvalues(SmoothSpectrum(200)));
  const RitzPairs a = LeadingEigenpairs(op, Count(8)), b = LeadingEigenpairs(op, Count(8));
  EXPECT_EQ(a.values, b.values);
  EXPECT_EQ(a.vectors, b.vectors);
  KrylovOptions other = Count(8);
  other.seed = 1;
  EXPECT_NE(LeadingEigenpairs(op, other).vectors, a.vectors);
  const SingularTriplets s = LeadingSingularTriplets(op, Count(8));
  EXPECT_EQ(s.left, LeadingSingularTriplets(op, Count(8)).left);
}

TEST(BlockKrylov, CancelInterrupts) {
  const DenseOperator op(WithEigenvalues(SmoothSpectrum(50)));
  RequestCancel();
  EXPECT_THROW(LeadingEigenpairs(op, Count(4)), Interrupted);
  EXPECT_THROW(LeadingSingularTriplets(op, Count(4)), Interrupted);
  ClearCancel();
}

TEST(BlockKrylov, ChecksOptionsAndShapes) {
  const DenseOperator square(MatrixXf::Identity(4, 4)), wide(MatrixXf::Zero(3, 4));
  KrylovOptions options;
  options.count = 0;
  ExpectError([&] { LeadingEigenpairs(square, options); }, {"count is 0, expected at least 1"});
  options = KrylovOptions();
  options.subspace = 40;
  ExpectError([&] { options.Check(); }, {"subspace is 40, expected 0 or at least", "48"});
  options = KrylovOptions();
  options.tolerance = std::numeric_limits<double>::quiet_NaN();
  ExpectError([&] { options.Check(); }, {"tolerance is nan"});
  ExpectError([&] { LeadingEigenpairs(wide, KrylovOptions()); },
              {"shape (3,4), expected a square"});
  ExpectError([&] { SymmetricPart{wide}; }, {"symmetric part", "(3,4)"});
}

}  // namespace
}  // namespace denoscope
