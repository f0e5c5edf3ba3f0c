#include "denoscope/linalg/elpa_spectrum.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/elpa_binding.h"
#include "denoscope/ranks/meeting.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

int Int(Index size) {
  if (size > std::numeric_limits<int>::max()) throw Error("elpa: {} rows, expected 31 bits", size);
  return static_cast<int>(size);
}

// Where the matrix is one block, which rank 0 has.
SpreadEigen EigenOfOneBlock(MatrixXd part, const BlockCyclic& grid, const Ranks& ranks) {
  SpreadEigen eigen = {grid, VectorXd(grid.size), {}};
  Meeting(ranks).Step([&] {
    StopIfCancelled("spectrum");
    if (part.size() == 0) return;
    SymmetricEigen<double> whole = EigenSymmetric<double>(std::move(part));
    eigen.vectors = whole.vectors.rowwise().reverse();
    eigen.values = whole.values.reverse();
  });
  const auto size = static_cast<std::size_t>(grid.size) * sizeof(double);
  const std::string bytes =
      ranks.Gather({reinterpret_cast<const char*>(eigen.values.data()), size})[0];
  std::memcpy(eigen.values.data(), bytes.data(), size);
  eigen.vectors.conservativeResize(grid.LocalRows(), grid.LocalCols());
  return eigen;
}

}  // namespace

void ElpaOptions::Check() const {
  if (block < 1) throw Error("elpa: block is {}, expected at least 1", block);
  if (stages != 1 && stages != 2) throw Error("elpa: stages is {}, expected 1 or 2", stages);
}

bool CanUseElpa(const Ranks& ranks) {
  return ElpaFound() != 0 && ranks.FortranCommunicator().has_value();
}

SpreadEigen ElpaEigen(
    MatrixXd part, const BlockCyclic& grid, const Ranks& ranks, bool vectors, int stages) {
  if (grid.IsOneBlock()) return EigenOfOneBlock(std::move(part), grid, ranks);
  SpreadEigen eigen = {grid, VectorXd(grid.size), {}};
  const Meeting meeting(ranks);
  meeting.Step([&] {
    if (!CanUseElpa(ranks))
      throw Error("elpa: expected a program built with ELPA (libelpa-dev), and started by mpirun");
    if (vectors) eigen.vectors.resize(part.rows(), part.cols());
    StopIfCancelled("spectrum");
  });
  const ElpaProblem problem = {*ranks.FortranCommunicator(),
                               Int(grid.size),
                               Int(grid.block),
                               grid.row,
                               grid.col,
                               Int(grid.LocalRows()),
                               Int(grid.LocalCols()),
                               stages,
                               part.data(),
                               eigen.values.data(),
                               vectors ? eigen.vectors.data() : nullptr};
  const char* trouble = ElpaSolve(&problem);
  meeting.Step([&] {
    if (trouble != nullptr) throw Error("elpa: {}", trouble);
  });
  return eigen;
}

VectorXd ElpaSpectrum(const MatrixInFile& file,
                      Index d,
                      const std::optional<MatrixInFile>& vectors,
                      const Ranks& ranks,
                      const ElpaOptions& options) {
  options.Check();
  const BlockCyclic grid = BlockCyclic::Of(d, options.block, ranks, options.grid_rows);
  Meeting(ranks).Step([&] {
    CheckMemory("spectrum",
                ElpaBytes(d, ranks, options),
                fmt::format("d = {}, by ELPA on {} ranks", d, ranks.Count()));
  });
  const SpreadEigen eigen = ElpaEigen(
      ReadSymmetricPart(file, grid, ranks), grid, ranks, vectors.has_value(), options.stages);
  if (vectors) WriteColumnsReversed(eigen.vectors, grid, ranks, *vectors);
  return eigen.values.reverse();
}

std::int64_t ElpaBytes(Index d, const Ranks& ranks, const ElpaOptions& options) {
  constexpr std::int64_t kMatrices = 4, kPanels = 6, kNumber = sizeof(double);
  const BlockCyclic grid = BlockCyclic::Of(d, options.block, ranks, options.grid_rows);
  const std::int64_t rows = grid.Count(0, grid.grid_rows), cols = grid.Count(0, grid.grid_cols);
  return kNumber * (kMatrices * rows * cols + kPanels * grid.block * d);
}

}  // namespace denoscope
