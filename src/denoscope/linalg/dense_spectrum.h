// Eigenvalues and singular values of dense matrices by LAPACK, with workspaces of our own (a
// float32 query inside LibTorch rounds the size of its workspace and fails for d >= 2895).
//
// Each throws when LAPACK does not converge, the matrix holds a value that is not finite or the
// workspace outgrows LAPACK's 32-bit integers (EigenSymmetric: d > 32766).
#pragma once

#include <Eigen/Dense>

namespace denoscope {

template <typename Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
template <typename Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

template <typename Scalar>
struct SymmetricEigen {
  Vector<Scalar> values;   // (d), descending
  Matrix<Scalar> vectors;  // (d,d), column k belongs to values[k]; each column's largest entry > 0
};

// Of the symmetric A (d,d); only its lower triangle is read. xSYEVD, O(d^3).
template <typename Scalar>
SymmetricEigen<Scalar> EigenSymmetric(Matrix<Scalar> A);

// The pairs first .. last - 1 alone, counted from the largest value: values (last - first), vectors
// (d, last - first). xSYEVR by bisection and inverse iteration: 4/3 d^3 for the reduction, then
// O(d^2) a vector, and O(d) more for each pair of vectors in a cluster.
template <typename Scalar>
SymmetricEigen<Scalar> EigenSymmetricRange(Matrix<Scalar> A, Eigen::Index first, Eigen::Index last);

// Values alone, (d), descending: 4/3 d^3 and a workspace of O(d).
template <typename Scalar>
Vector<Scalar> EigenvaluesSymmetric(Matrix<Scalar> A);

template <typename Scalar>
struct Svd {
  Vector<Scalar> values;  // (r), descending, r = min(rows, cols)
  Matrix<Scalar> left;    // (rows, r)
  Matrix<Scalar> right;   // (cols, r): A = left diag(values) right^T
};

template <typename Scalar>
Svd<Scalar> SvdDense(Matrix<Scalar> A);  // xGESDD
template <typename Scalar>
Vector<Scalar> SingularValues(Matrix<Scalar> A);

// Complex eigenvalues of A (d,d) by falling modulus, then falling imaginary part. xGEEV, about 10 s
// at d = 3072.
template <typename Scalar>
Eigen::VectorXcd ComplexEigenvalues(Matrix<Scalar> A);

}  // namespace denoscope
