#include "denoscope/linalg/dense_spectrum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "denoscope/base/error.h"
#include "tests/support/random_matrix.h"

namespace denoscope {
namespace {

using Eigen::Index;

constexpr double kPi = 3.14159265358979323846;

// Relative to the norm of the matrix. LAPACK's algorithms are backward stable: residuals are a
// modest multiple of eps. 10 eps sqrt(d) is ten times the largest seen for 1 <= d <= 784; one wrong
// vector would give about 1/sqrt(d), at d = 784 in float32 a thousand times more.
template <typename Scalar>
double Tolerance(Index d) {
  return 10 * std::numeric_limits<Scalar>::epsilon() * std::sqrt(static_cast<double>(d));
}

// xSYEVR's vectors are orthogonal to eps / (relative gap of the values), not to eps.
constexpr double kRangeLoss = 10;

template <typename Scalar>
Matrix<Scalar> RandomSymmetric(Index d, const std::string& name) {
  const Matrix<Scalar> A = RandomMatrix<Scalar>(d, d, name);
  return A + A.transpose();
}

// Distance from orthonormal columns, per column.
template <typename Scalar>
double OrthonormalityError(const Matrix<Scalar>& V) {
  const Matrix<Scalar> gram = V.transpose() * V;
  const double error = (gram - Matrix<Scalar>::Identity(V.cols(), V.cols())).norm();
  return error / std::sqrt(static_cast<double>(V.cols()));
}

template <typename Derived>
bool Descends(const Eigen::MatrixBase<Derived>& values) {
  for (Index k = 1; k < values.size(); ++k) {
    if (values(k) > values(k - 1)) return false;
  }
  return true;
}

template <typename Function>
std::string MessageOf(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing thrown";
}

// Eigenvalues 2 - 2 cos(pi k / (d+1)), k = 1 .. d.
Matrix<double> SecondDifference(Index d) {
  Matrix<double> A = 2 * Matrix<double>::Identity(d, d);
  A.diagonal(1).setConstant(-1);
  A.diagonal(-1).setConstant(-1);
  return A;
}

template <typename Scalar>
class DenseSpectrum : public testing::Test {};
using Scalars = testing::Types<float, double>;
struct ScalarName {
  template <typename Scalar>
  static std::string GetName(int) {
    return std::is_same_v<Scalar, float> ? "Float" : "Double";
  }
};
TYPED_TEST_SUITE(DenseSpectrum, Scalars, ScalarName);

TYPED_TEST(DenseSpectrum, EigenpairsSatisfyTheirDefinition) {
  for (const Index d : {1, 2, 50, 784}) {
    SCOPED_TRACE(d);
    const auto A = RandomSymmetric<TypeParam>(d, "eigenpairs");
    const auto eigen = EigenSymmetric<TypeParam>(A);
    const Matrix<TypeParam> residual =
        A * eigen.vectors - eigen.vectors * eigen.values.asDiagonal();
    EXPECT_LT(residual.norm(), Tolerance<TypeParam>(d) * A.norm());
    EXPECT_LT(OrthonormalityError<TypeParam>(eigen.vectors), Tolerance<TypeParam>(d));
    EXPECT_TRUE(Descends(eigen.values));
  }
}

TYPED_TEST(DenseSpectrum, LargestEntryOfEachEigenvectorIsPositive) {
  const auto eigen = EigenSymmetric<TypeParam>(RandomSymmetric<TypeParam>(50, "signs"));
  for (Index k = 0; k < 50; ++k) {
    EXPECT_GT(eigen.vectors.col(k).maxCoeff(), -eigen.vectors.col(k).minCoeff()) << k;
  }
}

TYPED_TEST(DenseSpectrum, EigenSymmetricReadsTheLowerTriangleAlone) {
  const auto A = RandomSymmetric<TypeParam>(20, "lower");
  Matrix<TypeParam> lower = A;
  lower.template triangularView<Eigen::StrictlyUpper>().setConstant(
      std::numeric_limits<TypeParam>::quiet_NaN());
  EXPECT_EQ(EigenSymmetric<TypeParam>(lower).values, EigenSymmetric<TypeParam>(A).values);
}

TYPED_TEST(DenseSpectrum, RangeIsTheSameRangeOfAllPairs) {
  const Index d = 60;
  const auto A = RandomSymmetric<TypeParam>(d, "range");
  const auto all = EigenSymmetric<TypeParam>(A);
  const std::pair<Index, Index> ranges[] = {{0, 5}, {10, 11}, {50, 60}, {0, 60}, {60, 60}, {3, 3}};
  for (const auto& [first, last] : ranges) {
    SCOPED_TRACE(testing::Message() << first << " to " << last);
    const Index count = last - first;
    const auto some = EigenSymmetricRange<TypeParam>(A, first, last);
    ASSERT_EQ(some.values.size(), count);
    ASSERT_EQ(some.vectors.cols(), count);
    ASSERT_EQ(some.vectors.rows(), d);
    EXPECT_LE((some.values - all.values.segment(first, count)).norm(),
              Tolerance<TypeParam>(d) * A.norm());
    const Matrix<TypeParam> residual = A * some.vectors - some.vectors * some.values.asDiagonal();
    EXPECT_LE(residual.norm(), Tolerance<TypeParam>(d) * A.norm());
    if (count == 0) continue;
    EXPECT_LT(OrthonormalityError<TypeParam>(some.vectors), kRangeLoss * Tolerance<TypeParam>(d));
  }
  const auto wrong = [&] { EigenSymmetricRange<TypeParam>(A, 5, 61); };
  EXPECT_EQ(MessageOf(wrong),
            "symmetric eigenvalues of a matrix (60,60): range is 5 to 61, expected 0 <= first <= "
            "last <= 60");
}

TYPED_TEST(DenseSpectrum, RangeInsideARepeatedValue) {
  const Index d = 40;
  const Matrix<TypeParam> A = 3 * Matrix<TypeParam>::Identity(d, d);
  const auto some = EigenSymmetricRange<TypeParam>(A, 10, 25);
  EXPECT_LT((some.values.array() - 3).abs().maxCoeff(), Tolerance<TypeParam>(d));
  EXPECT_LT(OrthonormalityError<TypeParam>(some.vectors), Tolerance<TypeParam>(d));
}

TYPED_TEST(DenseSpectrum, ValuesAloneAreTheValuesOfThePairs) {
  for (const Index d : {1, 2, 50, 784}) {
    SCOPED_TRACE(d);
    const auto A = RandomSymmetric<TypeParam>(d, "values alone");
    const Vector<TypeParam> values = EigenvaluesSymmetric<TypeParam>(A);
    EXPECT_LE((values - EigenSymmetric<TypeParam>(A).values).norm(),
              Tolerance<TypeParam>(d) * A.norm());
    EXPECT_TRUE(Descends(values));
  }
}

TYPED_TEST(DenseSpectrum, SvdRebuildsTallWideAndSquareMatrices) {
  const std::pair<Index, Index> shapes[] = {{1, 1}, {30, 30}, {200, 20}, {20, 200}, {30, 25}};
  for (const auto& [rows, cols] : shapes) {
    SCOPED_TRACE(testing::Message() << rows << " x " << cols);
    const auto A = RandomMatrix<TypeParam>(rows, cols, "svd");
    const auto svd = SvdDense<TypeParam>(A);
    const Index larger = std::max(rows, cols), r = std::min(rows, cols);
    ASSERT_EQ(svd.values.size(), r);
    const Matrix<TypeParam> rebuilt = svd.left * svd.values.asDiagonal() * svd.right.transpose();
    EXPECT_LT((rebuilt - A).norm(), Tolerance<TypeParam>(larger) * A.norm());
    EXPECT_LT(OrthonormalityError<TypeParam>(svd.left), Tolerance<TypeParam>(larger));
    EXPECT_LT(OrthonormalityError<TypeParam>(svd.right), Tolerance<TypeParam>(larger));
    EXPECT_TRUE(Descends(svd.values));
    EXPECT_GE(svd.values(r - 1), 0);
    EXPECT_LT((SingularValues<TypeParam>(A) - svd.values).norm(),
              Tolerance<TypeParam>(larger) * A.norm());
  }
}

TYPED_TEST(DenseSpectrum, RotationHasConjugateEigenvaluesOnTheUnitCircle) {
  const double theta = 0.7;
  Matrix<TypeParam> A(2, 2);
  A << static_cast<TypeParam>(std::cos(theta)), static_cast<TypeParam>(-std::sin(theta)),
      static_cast<TypeParam>(std::sin(theta)), static_cast<TypeParam>(std::cos(theta));
  const Eigen::VectorXcd values = ComplexEigenvalues<TypeParam>(A);
  EXPECT_LT(std::abs(values(0) - std::polar(1.0, theta)), Tolerance<TypeParam>(2));
  EXPECT_LT(std::abs(values(1) - std::polar(1.0, -theta)), Tolerance<TypeParam>(2));
}

TYPED_TEST(DenseSpectrum, NilpotentShiftHasSingularValuesButNoEigenvalues) {
  const Index d = 12;
  Matrix<TypeParam> A = Matrix<TypeParam>::Zero(d, d);
  A.diagonal(1).setOnes();
  const Vector<TypeParam> values = SingularValues<TypeParam>(A);
  EXPECT_LT((values.head(d - 1).array() - 1).abs().maxCoeff(), Tolerance<TypeParam>(d));
  EXPECT_LT(values(d - 1), Tolerance<TypeParam>(d));
  // Exact: the matrix is triangular already, and balancing isolates each diagonal entry.
  EXPECT_EQ(ComplexEigenvalues<TypeParam>(A).cwiseAbs().maxCoeff(), 0);
}

TYPED_TEST(DenseSpectrum, ThrowsOnWhatIsNotFinite) {
  auto A = RandomSymmetric<TypeParam>(6, "finite");
  A(4, 2) = std::numeric_limits<TypeParam>::quiet_NaN();
  const std::string nan = "matrix (6,6): entry (4,2) is nan, expected a finite number";
  EXPECT_EQ(MessageOf([&] { EigenSymmetric<TypeParam>(A); }), nan);
  EXPECT_EQ(MessageOf([&] { EigenSymmetricRange<TypeParam>(A, 0, 2); }), nan);
  EXPECT_EQ(MessageOf([&] { EigenvaluesSymmetric<TypeParam>(A); }), nan);
  EXPECT_EQ(MessageOf([&] { SvdDense<TypeParam>(A); }), nan);
  EXPECT_EQ(MessageOf([&] { SingularValues<TypeParam>(A); }), nan);
  EXPECT_EQ(MessageOf([&] { ComplexEigenvalues<TypeParam>(A); }), nan);
  A(4, 2) = -std::numeric_limits<TypeParam>::infinity();
  EXPECT_EQ(MessageOf([&] { EigenSymmetric<TypeParam>(A); }),
            "matrix (6,6): entry (4,2) is -inf, expected a finite number");
}

TYPED_TEST(DenseSpectrum, ThrowsOnWhatIsNotSquare) {
  const auto A = RandomMatrix<TypeParam>(3, 4, "square");
  EXPECT_EQ(MessageOf([&] { EigenSymmetric<TypeParam>(A); }),
            "symmetric eigenvalues: matrix has shape (3,4), expected a square one");
  EXPECT_EQ(MessageOf([&] { EigenSymmetricRange<TypeParam>(A, 0, 1); }),
            "symmetric eigenvalues: matrix has shape (3,4), expected a square one");
  EXPECT_EQ(MessageOf([&] { EigenvaluesSymmetric<TypeParam>(A); }),
            "symmetric eigenvalues: matrix has shape (3,4), expected a square one");
  EXPECT_EQ(MessageOf([&] { ComplexEigenvalues<TypeParam>(A); }),
            "complex eigenvalues: matrix has shape (3,4), expected a square one");
}

TYPED_TEST(DenseSpectrum, EmptyMatricesHaveEmptySpectra) {
  EXPECT_EQ(EigenSymmetric<TypeParam>(Matrix<TypeParam>(0, 0)).values.size(), 0);
  EXPECT_EQ(EigenSymmetricRange<TypeParam>(Matrix<TypeParam>(0, 0), 0, 0).values.size(), 0);
  EXPECT_EQ(EigenvaluesSymmetric<TypeParam>(Matrix<TypeParam>(0, 0)).size(), 0);
  EXPECT_EQ(SvdDense<TypeParam>(Matrix<TypeParam>(0, 5)).right.rows(), 5);
  EXPECT_EQ(SingularValues<TypeParam>(Matrix<TypeParam>(5, 0)).size(), 0);
  EXPECT_EQ(ComplexEigenvalues<TypeParam>(Matrix<TypeParam>(0, 0)).size(), 0);
}

TEST(EigenSymmetric, KnowsTheSecondDifference) {
  const Index d = 40;
  const Vector<double> values = EigenSymmetric<double>(SecondDifference(d)).values;
  for (Index k = 0; k < d; ++k) {
    const double angle = kPi * static_cast<double>(d - k) / static_cast<double>(d + 1);
    EXPECT_NEAR(values(k), 2 - 2 * std::cos(angle), 4 * Tolerance<double>(d)) << k;
  }
}

TEST(EigenSymmetric, SortsADiagonalWithItsVectors) {
  const Vector<double> diagonal = (Vector<double>(4) << -1, 3, 0.5, -7).finished();
  const auto eigen = EigenSymmetric<double>(diagonal.asDiagonal());
  EXPECT_EQ(eigen.values, (Vector<double>(4) << 3, 0.5, -1, -7).finished());
  Matrix<double> expected = Matrix<double>::Zero(4, 4);
  expected(1, 0) = expected(2, 1) = expected(0, 2) = expected(3, 3) = 1;
  EXPECT_EQ(eigen.vectors, expected);
}

TEST(ComplexEigenvalues, AreSortedByModulusThenImaginaryPart) {
  Matrix<double> A = Matrix<double>::Zero(5, 5);
  A(0, 0) = 1;
  A.block(1, 1, 2, 2) << 0, -4, 4, 0;  // +-4i, exactly: LAPACK takes sqrt(4) sqrt(4)
  A(3, 3) = -4;
  A(4, 4) = -5;
  const Eigen::VectorXcd values = ComplexEigenvalues<double>(A);
  const std::complex<double> expected[] = {{-5, 0}, {0, 4}, {-4, 0}, {0, -4}, {1, 0}};
  for (Index k = 0; k < 5; ++k) EXPECT_EQ(values(k), expected[k]) << k;
}

TEST(ComplexEigenvalues, AgreeWithTheTracesOfPowers) {
  const Index d = 60;
  const auto A = RandomMatrix<double>(d, d, "moments");
  const Eigen::VectorXcd values = ComplexEigenvalues<double>(A);
  EXPECT_NEAR(values.sum().real(), A.trace(), Tolerance<double>(d) * A.norm());
  EXPECT_NEAR(values.cwiseProduct(values).sum().real(),
              (A * A).trace(),
              Tolerance<double>(d) * A.squaredNorm());
  EXPECT_NEAR(values.sum().imag(), 0, Tolerance<double>(d) * A.norm());
}

// LibTorch 1.13 fails at this size: its workspace query for ssyevd returns 2 d^2 + 6 d + 1 in a
// float32, which rounds it down for d >= 2895. 3072 is a 32 x 32 colour image.
TEST(EigenSymmetric, DecomposesFloat32BeyondTheSizeWhereTheQueryRounds) {
  const Index d = 3072, probes = 16;
  const auto A = RandomSymmetric<float>(d, "large");
  const auto eigen = EigenSymmetric<float>(A);
  EXPECT_TRUE(Descends(eigen.values));
  Matrix<float> probed(d, probes);
  Vector<float> values(probes);
  for (Index p = 0; p < probes; ++p) {
    const Index k = p * (d - 1) / (probes - 1);
    probed.col(p) = eigen.vectors.col(k);
    values(p) = eigen.values(k);
  }
  const Matrix<float> residual = A * probed - probed * values.asDiagonal();
  const double largest = std::abs(static_cast<double>(eigen.values(0)));
  EXPECT_LT(residual.colwise().norm().maxCoeff(), Tolerance<float>(d) * largest);
  Matrix<float> products = eigen.vectors.transpose() * probed;  // columns of the identity
  for (Index p = 0; p < probes; ++p) products(p * (d - 1) / (probes - 1), p) -= 1;
  EXPECT_LT(products.colwise().norm().maxCoeff(), Tolerance<float>(d));
}

}  // namespace
}  // namespace denoscope
