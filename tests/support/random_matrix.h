// Matrices of independent draws from N(0, 1), filled column by column.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>

#include "denoscope/base/random.h"
#include "denoscope/linalg/dense_spectrum.h"

namespace denoscope {

// The next draws of a stream.
template <typename Scalar = double>
Matrix<Scalar> RandomNormals(Eigen::Index rows, Eigen::Index cols, RandomStream& random) {
  Matrix<Scalar> A(rows, cols);
  for (Eigen::Index i = 0; i < A.size(); ++i) A.data()[i] = static_cast<Scalar>(random.Normal());
  return A;
}

// The first draws of a stream of its own.
template <typename Scalar = double>
Matrix<Scalar> RandomMatrix(Eigen::Index rows,
                            Eigen::Index cols,
                            const std::string& stream,
                            std::uint64_t seed = 1) {
  RandomStream random(seed, stream);
  return RandomNormals<Scalar>(rows, cols, random);
}

// Orthonormal columns, cols <= rows: the left singular vectors of a random matrix.
inline Eigen::MatrixXd RandomOrthonormal(Eigen::Index rows,
                                         Eigen::Index cols,
                                         const std::string& stream,
                                         std::uint64_t seed = 1) {
  return SvdDense<double>(RandomMatrix(rows, cols, stream, seed)).left;
}

}  // namespace denoscope
