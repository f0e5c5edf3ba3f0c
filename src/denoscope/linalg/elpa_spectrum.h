// The whole spectrum of a symmetric matrix too large for one process, by ELPA on all ranks of a
// job.
//
// The matrix is spread block-cyclically (block_cyclic.h), reduced to tridiagonal form, solved by
// divide and conquer and transformed back: 4/3 d^3 + O(d^3) for the vectors as by LAPACK, divided
// by the ranks, each with d^2/R numbers of the matrix and of its vectors and as many to work in. In
// float64 throughout, for ELPA is usually built without float32: vectors are orthonormal to 1e-13.
// One stage to tridiagonal form: two are faster only with ELPA's kernels for the processor at hand,
// and the portable ones take 2 to 3 times as long.
// Source: Marek et al. 2014.
#pragma once

#include <Eigen/Dense>
#include <optional>

#include "denoscope/linalg/block_cyclic.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {

struct ElpaOptions {
  Eigen::Index block = 32;  // b, >= 1
  int grid_rows = 0;        // P, a divisor of the ranks; 0: chosen
  int stages = 1;           // to tridiagonal form, 1 or 2

  void Check() const;
};

// Whether the program is built with ELPA and this process is a rank that mpirun or srun started.
bool CanUseElpa(const Ranks& ranks);

// Of the part of a spread symmetric matrix, which is used up. On every rank.
struct SpreadEigen {
  BlockCyclic grid;
  Eigen::VectorXd values;   // (d), ascending
  Eigen::MatrixXd vectors;  // this rank's part; column k belongs to values[k]
};
SpreadEigen ElpaEigen(Eigen::MatrixXd part,
                      const BlockCyclic& grid,
                      const Ranks& ranks,
                      bool vectors,
                      int stages = 1);

// Eigenvalues of sym(A) = (A + A^T)/2, descending, for the A (d,d) in `file`; eigenvectors go to
// `vectors`, row k for value k, its largest entry positive. Every rank throws when one fails, or
// has not the memory.
Eigen::VectorXd ElpaSpectrum(const MatrixInFile& file,
                             Eigen::Index d,
                             const std::optional<MatrixInFile>& vectors,
                             const Ranks& ranks,
                             const ElpaOptions& options = {});

// At the peak on each rank.
std::int64_t ElpaBytes(Eigen::Index d, const Ranks& ranks, const ElpaOptions& options = {});

}  // namespace denoscope
