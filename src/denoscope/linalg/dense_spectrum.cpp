#include "denoscope/linalg/dense_spectrum.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#define LAPACK_COMPLEX_CPP  // else lapacke.h brings C's complex.h and its macro I
#include <lapacke.h>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;

template <typename Scalar>
struct Lapack;
template <>
struct Lapack<float> {
  static constexpr auto syevd = LAPACKE_ssyevd_work;
  static constexpr auto syevr = LAPACKE_ssyevr_work;
  static constexpr auto gesdd = LAPACKE_sgesdd_work;
  static constexpr auto geev = LAPACKE_sgeev_work;
};
template <>
struct Lapack<double> {
  static constexpr auto syevd = LAPACKE_dsyevd_work;
  static constexpr auto syevr = LAPACKE_dsyevr_work;
  static constexpr auto gesdd = LAPACKE_dgesdd_work;
  static constexpr auto geev = LAPACKE_dgeev_work;
};

// A leading dimension: LAPACK wants at least 1, of an empty matrix too.
lapack_int Leading(Index size) { return static_cast<lapack_int>(std::max<Index>(size, 1)); }

// LAPACK counts in 32-bit integers, its workspaces included.
lapack_int LapackSize(std::int64_t size, std::string_view routine, Index rows, Index cols) {
  if (size > std::numeric_limits<lapack_int>::max()) {
    throw Error("{} of a matrix ({},{}): needs a workspace of {} numbers, expected at most {}",
                routine,
                rows,
                cols,
                size,
                std::numeric_limits<lapack_int>::max());
  }
  return static_cast<lapack_int>(size);
}

enum class Part { kAll, kLower };

template <typename Scalar>
void CheckFinite(const Matrix<Scalar>& A, Part part) {
  if (A.allFinite()) return;
  for (Index j = 0; j < A.cols(); ++j) {
    for (Index i = part == Part::kLower ? j : 0; i < A.rows(); ++i) {
      if (!std::isfinite(A(i, j))) {
        throw Error("matrix ({},{}): entry ({},{}) is {}, expected a finite number",
                    A.rows(),
                    A.cols(),
                    i,
                    j,
                    A(i, j));
      }
    }
  }
}

template <typename Scalar>
void CheckSquare(const Matrix<Scalar>& A, std::string_view routine) {
  if (A.rows() != A.cols()) {
    throw Error("{}: matrix has shape ({},{}), expected a square one", routine, A.rows(), A.cols());
  }
}

void CheckInfo(lapack_int info, std::string_view routine, Index rows, Index cols) {
  if (info > 0) {
    throw Error(
        "{} of a matrix ({},{}): did not converge, lapack reports {}", routine, rows, cols, info);
  }
  if (info < 0) {
    throw Error("{} of a matrix ({},{}): lapack rejects argument {}", routine, rows, cols, -info);
  }
}

template <typename Scalar>
void ReverseOrder(Vector<Scalar>& values, Matrix<Scalar>& vectors) {
  values.reverseInPlace();
  for (Index i = 0, j = vectors.cols() - 1; i < j; ++i, --j) vectors.col(i).swap(vectors.col(j));
}

template <typename Scalar>
void FixSigns(Matrix<Scalar>& vectors) {
  for (Index k = 0; k < vectors.cols(); ++k) {
    Index largest = 0;
    vectors.col(k).cwiseAbs().maxCoeff(&largest);
    if (vectors(largest, k) < 0) vectors.col(k) *= -1;
  }
}

// The eigenpairs first .. last - 1 in descending order, written in ascending order; at least one.
template <typename Scalar>
lapack_int RunSyevr(Matrix<Scalar>& A, Index first, Index last, SymmetricEigen<Scalar>& eigen) {
  const std::string_view routine = "symmetric eigenvalues";
  const std::int64_t d = A.rows();
  // 26 d at least; room for blocks of 64 columns in the reduction to tridiagonal form.
  const lapack_int lwork = LapackSize(80 * d, routine, d, d);
  const lapack_int liwork = LapackSize(10 * d, routine, d, d);
  Vector<Scalar> work(lwork);
  std::vector<lapack_int> support(static_cast<std::size_t>(2 * (last - first)));
  std::vector<lapack_int> iwork(static_cast<std::size_t>(liwork));
  const Scalar unused = 0, tolerance = 0;  // 0: LAPACK's own choice
  lapack_int found = 0;
  const lapack_int info = Lapack<Scalar>::syevr(LAPACK_COL_MAJOR,
                                                'V',
                                                'I',
                                                'L',
                                                static_cast<lapack_int>(d),
                                                A.data(),
                                                Leading(d),
                                                unused,
                                                unused,
                                                static_cast<lapack_int>(d - last + 1),
                                                static_cast<lapack_int>(d - first),
                                                tolerance,
                                                &found,
                                                eigen.values.data(),
                                                eigen.vectors.data(),
                                                Leading(d),
                                                support.data(),
                                                work.data(),
                                                lwork,
                                                iwork.data(),
                                                liwork);
  CheckInfo(info, routine, d, d);
  return found;
}

// `left` and `right_transposed` are written for job 'S' and untouched for 'N'.
template <typename Scalar>
Vector<Scalar> RunGesdd(char job,
                        Matrix<Scalar>& A,
                        Matrix<Scalar>& left,
                        Matrix<Scalar>& right_transposed) {
  CheckFinite(A, Part::kAll);
  const std::string_view routine = "singular values";
  const std::int64_t m = A.rows(), n = A.cols();
  const std::int64_t small = std::min(m, n), large = std::max(m, n);
  // The documented minimum, and room for blocks of 64 columns in the reduction to bidiagonal form.
  const std::int64_t minimum =
      job == 'N' ? 3 * small + std::max(large, 7 * small) : 4 * small * small + 7 * small;
  const lapack_int lwork = LapackSize(std::max(minimum, large) + 64 * (m + n) + 1, routine, m, n);
  Vector<Scalar> values(small), work(lwork);
  std::vector<lapack_int> iwork(static_cast<std::size_t>(8 * small + 1));
  const auto rows = static_cast<lapack_int>(m), cols = static_cast<lapack_int>(n);
  const lapack_int info = Lapack<Scalar>::gesdd(LAPACK_COL_MAJOR,
                                                job,
                                                rows,
                                                cols,
                                                A.data(),
                                                Leading(m),
                                                values.data(),
                                                left.data(),
                                                Leading(m),
                                                right_transposed.data(),
                                                Leading(small),
                                                work.data(),
                                                lwork,
                                                iwork.data());
  CheckInfo(info, routine, m, n);
  return values;
}

Eigen::VectorXcd SortedByModulus(const Eigen::VectorXcd& values) {
  std::vector<Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Index{0});
  const auto key = [&](Index i) {
    return std::make_tuple(-std::abs(values(i)), -values(i).imag(), -values(i).real());
  };
  std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) { return key(i) < key(j); });
  Eigen::VectorXcd sorted(values.size());
  for (Index k = 0; k < sorted.size(); ++k) sorted(k) = values(order[static_cast<std::size_t>(k)]);
  return sorted;
}

}  // namespace

template <typename Scalar>
SymmetricEigen<Scalar> EigenSymmetric(Matrix<Scalar> A) {
  const std::string_view routine = "symmetric eigenvalues";
  CheckSquare(A, routine);
  CheckFinite(A, Part::kLower);
  const std::int64_t d = A.rows();
  const lapack_int lwork = LapackSize(1 + 6 * d + 2 * d * d, routine, d, d);
  const lapack_int liwork = LapackSize(3 + 5 * d, routine, d, d);
  SymmetricEigen<Scalar> eigen;
  eigen.values.resize(d);
  eigen.vectors = std::move(A);
  Vector<Scalar> work(lwork);
  std::vector<lapack_int> iwork(static_cast<std::size_t>(liwork));
  const lapack_int info = Lapack<Scalar>::syevd(LAPACK_COL_MAJOR,
                                                'V',
                                                'L',
                                                static_cast<lapack_int>(d),
                                                eigen.vectors.data(),
                                                Leading(d),
                                                eigen.values.data(),
                                                work.data(),
                                                lwork,
                                                iwork.data(),
                                                liwork);
  CheckInfo(info, routine, d, d);
  ReverseOrder(eigen.values, eigen.vectors);
  FixSigns(eigen.vectors);
  return eigen;
}

template <typename Scalar>
SymmetricEigen<Scalar> EigenSymmetricRange(Matrix<Scalar> A, Index first, Index last) {
  const std::string_view routine = "symmetric eigenvalues";
  CheckSquare(A, routine);
  const Index d = A.rows(), count = last - first;
  if (first < 0 || last < first || last > d) {
    throw Error("{} of a matrix ({},{}): range is {} to {}, expected 0 <= first <= last <= {}",
                routine,
                d,
                d,
                first,
                last,
                d);
  }
  CheckFinite(A, Part::kLower);
  SymmetricEigen<Scalar> eigen = {Vector<Scalar>(d), Matrix<Scalar>(d, count)};
  const Index found = count == 0 ? 0 : RunSyevr(A, first, last, eigen);
  if (found != count) {
    throw Error("{} of a matrix ({},{}): found {} of {} in the range", routine, d, d, found, count);
  }
  eigen.values.conservativeResize(count);
  ReverseOrder(eigen.values, eigen.vectors);
  FixSigns(eigen.vectors);
  return eigen;
}

template <typename Scalar>
Vector<Scalar> EigenvaluesSymmetric(Matrix<Scalar> A) {
  const std::string_view routine = "symmetric eigenvalues";
  CheckSquare(A, routine);
  CheckFinite(A, Part::kLower);
  const std::int64_t d = A.rows();
  // 2 d + 1 at least; room for blocks of 64 columns in the reduction to tridiagonal form.
  const lapack_int lwork = LapackSize(1 + 66 * d, routine, d, d);
  Vector<Scalar> values(d), work(lwork);
  lapack_int iwork = 0;
  const lapack_int info = Lapack<Scalar>::syevd(LAPACK_COL_MAJOR,
                                                'N',
                                                'L',
                                                static_cast<lapack_int>(d),
                                                A.data(),
                                                Leading(d),
                                                values.data(),
                                                work.data(),
                                                lwork,
                                                &iwork,
                                                1);
  CheckInfo(info, routine, d, d);
  values.reverseInPlace();
  return values;
}

template <typename Scalar>
Svd<Scalar> SvdDense(Matrix<Scalar> A) {
  const Index r = std::min(A.rows(), A.cols());
  Svd<Scalar> svd;
  svd.left.resize(A.rows(), r);
  Matrix<Scalar> right_transposed(r, A.cols());
  svd.values = RunGesdd('S', A, svd.left, right_transposed);
  svd.right = right_transposed.transpose();
  return svd;
}

template <typename Scalar>
Vector<Scalar> SingularValues(Matrix<Scalar> A) {
  Matrix<Scalar> left, right_transposed;
  return RunGesdd('N', A, left, right_transposed);
}

template <typename Scalar>
Eigen::VectorXcd ComplexEigenvalues(Matrix<Scalar> A) {
  const std::string_view routine = "complex eigenvalues";
  CheckSquare(A, routine);
  CheckFinite(A, Part::kAll);
  const std::int64_t d = A.rows();
  // Room for the blocked reduction to Hessenberg form, beyond the documented minimum 3 d.
  const lapack_int lwork = LapackSize(80 * d + 8192, routine, d, d);
  Vector<Scalar> real(d), imaginary(d), work(lwork);
  const lapack_int info = Lapack<Scalar>::geev(LAPACK_COL_MAJOR,
                                               'N',
                                               'N',
                                               static_cast<lapack_int>(d),
                                               A.data(),
                                               Leading(d),
                                               real.data(),
                                               imaginary.data(),
                                               nullptr,
                                               1,
                                               nullptr,
                                               1,
                                               work.data(),
                                               lwork);
  CheckInfo(info, routine, d, d);
  Eigen::VectorXcd values(d);
  values.real() = real.template cast<double>();
  values.imag() = imaginary.template cast<double>();
  return SortedByModulus(values);
}

template SymmetricEigen<float> EigenSymmetric(Matrix<float>);
template SymmetricEigen<double> EigenSymmetric(Matrix<double>);
template SymmetricEigen<float> EigenSymmetricRange(Matrix<float>, Index, Index);
template SymmetricEigen<double> EigenSymmetricRange(Matrix<double>, Index, Index);
template Vector<float> EigenvaluesSymmetric(Matrix<float>);
template Vector<double> EigenvaluesSymmetric(Matrix<double>);
template Svd<float> SvdDense(Matrix<float>);
template Svd<double> SvdDense(Matrix<double>);
template Vector<float> SingularValues(Matrix<float>);
template Vector<double> SingularValues(Matrix<double>);
template Eigen::VectorXcd ComplexEigenvalues(Matrix<float>);
template Eigen::VectorXcd ComplexEigenvalues(Matrix<double>);

}  // namespace denoscope
