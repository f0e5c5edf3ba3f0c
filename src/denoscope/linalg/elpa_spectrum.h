// The whole spectrum of a symmetric matrix too large for one process, by ELPA on all ranks of a
// job.
//
// The matrix is spread block-cyclically (block_cyclic.h), reduced to tridiagonal form by
// Householder reflections, solved by divide and conquer and transformed back: 4/3 d^3, up to 4/3
// d^3 and 2 d^3 multiplications and additions as by LAPACK, divided by the ranks, each with its
// share d^2/R of the matrix, of the vectors and of room to work in.
//
// float64: all by ELPA, in one stage to tridiagonal form; two are faster only with ELPA's kernels
// for the processor at hand. float32, of which ELPA is usually built without: both transformations
// by ScaLAPACK in float32, which halves the bytes that bound them, and divide and conquer by ELPA
// in float64. Errors are then those of LAPACK in float32, some 1e-6 of the largest value. Sources:
// Auckenthaler et al. 2011, Marek et al. 2014 (ELPA); Blackford et al. 1997 (ScaLAPACK).
#pragma once

#include <Eigen/Dense>
#include <optional>

#include "denoscope/linalg/block_cyclic.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {

struct ElpaOptions {
  Eigen::Index block = 64;  // b, >= 1
  int grid_rows = 0;        // P, a divisor of the ranks; 0: chosen
  int stages = 1;           // to tridiagonal form, 1 or 2; of float32 always 1

  void Check() const;
};

// Whether the program is built with ELPA and this process is a rank that mpirun or srun started.
bool CanUseElpa(const Ranks& ranks);

// Of the part of a spread symmetric matrix, which is used up. On every rank.
template <typename Scalar>
struct SpreadEigen {
  BlockCyclic grid;
  Eigen::VectorXd values;  // (d), ascending
  Matrix<Scalar> vectors;  // this rank's part; column k belongs to values[k]
};
template <typename Scalar>
SpreadEigen<Scalar> ElpaEigen(
    Matrix<Scalar> part, const BlockCyclic& grid, const Ranks& ranks, bool vectors, int stages = 1);

// Eigenvalues of sym(A) = (A + A^T)/2, descending, for the A (d,d) in `file`, in the arithmetic of
// its type; eigenvectors go to `vectors`, row k for value k, its largest entry positive. Every rank
// throws when one fails, or has not the memory.
Eigen::VectorXd ElpaSpectrum(const MatrixInFile& file,
                             Eigen::Index d,
                             const std::optional<MatrixInFile>& vectors,
                             const Ranks& ranks,
                             const ElpaOptions& options = {});

// At the peak on each rank, in either arithmetic.
std::int64_t ElpaBytes(Eigen::Index d, const Ranks& ranks, const ElpaOptions& options = {});

}  // namespace denoscope
