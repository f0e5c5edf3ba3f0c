// A square matrix spread over the ranks of a job as ScaLAPACK has it, block-cyclically in both
// directions, and how it gets from a file to there and back: no rank holds more than its share.
//
// Symbols: d rows and columns; blocks of b x b; a grid of P x Q ranks, rank r at (r mod P, r div
// P). Block (I,J) belongs to the rank at (I mod P, J mod Q), which keeps its blocks in one
// column-major matrix. Files are read and written in panels of b whole rows, each by one rank and
// once, so that every access is long and in one piece; the ranks then exchange what belongs to
// others. A panel takes 8 b d bytes, a few times.
#pragma once

#include <Eigen/Dense>
#include <cstdint>

#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {

struct BlockCyclic {
  Eigen::Index size = 0, block = 1;  // d, b
  int grid_rows = 1, grid_cols = 1;  // P, Q
  int row = 0, col = 0;              // of this rank

  // The grid nearest to a square one, with P <= Q unless `grid_rows` says otherwise, and blocks of
  // at most `block`, smaller where some rank would get none; where one would in any case, a single
  // block.
  static BlockCyclic Of(Eigen::Index d, Eigen::Index block, const Ranks& ranks, int grid_rows = 0);

  int RankAt(int at_row, int at_col) const { return at_row + at_col * grid_rows; }
  bool IsOneBlock() const { return block >= size; }  // all of it on rank 0
  Eigen::Index Panels() const { return (size + block - 1) / block; }
  Eigen::Index PanelSize(Eigen::Index panel) const;
  // Of the rows or columns of which this rank, or the one at `place` of `places`, has its blocks.
  Eigen::Index Count(int place, int places) const;
  Eigen::Index LocalRows() const { return Count(row, grid_rows); }
  Eigen::Index LocalCols() const { return Count(col, grid_cols); }
};

// d x d numbers, float32 or float64, row-major, at a place in an open file.
struct MatrixInFile {
  int descriptor = -1;
  std::int64_t offset = 0;
  bool is_double = false;
};

// This rank's part of (A + A^T)/2 for the A in the file, each entry the same as its mirror image.
// Every rank throws when one cannot read, or finds what is not finite.
Eigen::MatrixXd ReadSymmetricPart(const MatrixInFile& file,
                                  const BlockCyclic& grid,
                                  const Ranks& ranks);

// Writes the columns of the spread matrix as rows of the file, the last one first; each with the
// sign that makes its largest entry positive. Every rank throws when one cannot write.
template <typename Scalar>
void WriteColumnsReversed(const Matrix<Scalar>& part,
                          const BlockCyclic& grid,
                          const Ranks& ranks,
                          const MatrixInFile& file);

}  // namespace denoscope
