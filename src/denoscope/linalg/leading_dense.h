// The leading eigenpairs of a dense symmetric float32 matrix that is at hand: for simulations that
// need ten of a thousand pairs, thousands of times over.
//
// Block Lanczos without restarts, all in float32 and matrix products: W = A Q, less its components
// along the basis V (twice), orthonormalised into the next block; T = V^T A V, Ritz pairs (mu, V
// y). The residual of a pair is |R y_last|, R the triangular factor of W and y_last the last block
// of y. block_krylov.h serves matrices that are known by products alone, sums in double and keeps
// memory bounded; this one is twice as fast at d = 784 and leaves the rare hard case to LAPACK.
//
// Precision: residuals <= 1e-5 |mu_0|, mostly 1e-6, or, where that is not reached with d/2 vectors,
// the whole problem by EigenSymmetricRange<float>. Vector k lies within residual / gap of its own.
// Cost: 2 d^2 flops for each of m vectors, about 4 d m^2 for their orthogonality; m is 64 for well
// separated pairs, 170 at the edge of a bulk. Source: Golub & Underwood 1977.
#pragma once

#include <Eigen/Dense>

#include "denoscope/linalg/dense_spectrum.h"

namespace denoscope {

// 1 <= count <= d; the largest values, descending; both triangles of A are read. Throws when A
// holds a value that is not finite. The same A gives the same bytes.
SymmetricEigen<float> LeadingOfDense(const Eigen::MatrixXf& A, Eigen::Index count);

}  // namespace denoscope
