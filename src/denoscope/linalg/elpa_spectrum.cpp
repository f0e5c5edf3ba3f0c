#include "denoscope/linalg/elpa_spectrum.h"

#include <algorithm>
#include <complex>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#define LAPACK_COMPLEX_CPP  // else lapacke.h brings C's complex.h and its macro I
#include <lapacke.h>

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
using Eigen::MatrixXf;
using Eigen::VectorXd;

int Int(Index size) {
  if (size > std::numeric_limits<int>::max()) throw Error("elpa: {} rows, expected 31 bits", size);
  return static_cast<int>(size);
}

template <typename Scalar>
ElpaProblem ProblemOf(const BlockCyclic& grid,
                      const Ranks& ranks,
                      Matrix<Scalar>& part,
                      VectorXd& values) {
  ElpaProblem problem = {};
  problem.communicator = *ranks.FortranCommunicator();
  problem.size = Int(grid.size), problem.block = Int(grid.block);
  problem.grid_row = grid.row, problem.grid_col = grid.col;
  problem.local_rows = Int(part.rows()), problem.local_cols = Int(part.cols());
  problem.stages = 1;
  problem.values = values.data();
  return problem;
}

void CheckTrouble(const Meeting& meeting, const char* trouble) {
  meeting.Step([&] {
    if (trouble != nullptr) throw Error("elpa: {}", trouble);
  });
}

// Where the matrix is one block, which rank 0 has.
template <typename Scalar>
SpreadEigen<Scalar> EigenOfOneBlock(Matrix<Scalar> part,
                                    const BlockCyclic& grid,
                                    const Ranks& ranks) {
  SpreadEigen<Scalar> eigen = {grid, VectorXd(grid.size), {}};
  Meeting(ranks).Step([&] {
    StopIfCancelled("spectrum");
    if (part.size() == 0) return;
    const SymmetricEigen<Scalar> whole = EigenSymmetric<Scalar>(std::move(part));
    eigen.vectors = whole.vectors.rowwise().reverse();
    eigen.values = whole.values.reverse().template cast<double>();
  });
  const auto size = static_cast<std::size_t>(grid.size) * sizeof(double);
  const std::string bytes =
      ranks.Gather({reinterpret_cast<const char*>(eigen.values.data()), size})[0];
  std::memcpy(eigen.values.data(), bytes.data(), size);
  eigen.vectors.conservativeResize(grid.LocalRows(), grid.LocalCols());
  return eigen;
}

void Solve(
    MatrixXd part, const Ranks& ranks, bool vectors, int stages, SpreadEigen<double>& eigen) {
  if (vectors) eigen.vectors.resize(part.rows(), part.cols());
  ElpaProblem problem = ProblemOf(eigen.grid, ranks, part, eigen.values);
  problem.stages = stages;
  problem.matrix = part.data();
  problem.vectors = vectors ? eigen.vectors.data() : nullptr;
  CheckTrouble(Meeting(ranks), ElpaSolve(&problem));
}

// All of what lies along the columns of the grid, from this rank's part of it.
VectorXd Along(const Eigen::VectorXf& part, const BlockCyclic& grid, const Ranks& ranks) {
  Eigen::VectorXf all = Eigen::VectorXf::Zero(grid.size);
  for (Index panel = grid.col, local = 0; panel < grid.Panels() && grid.row == 0;
       panel += grid.grid_cols) {
    all.segment(panel * grid.block, grid.PanelSize(panel)) =
        part.segment(local, grid.PanelSize(panel));
    local += grid.PanelSize(panel);
  }
  ranks.Sum(all.data(), all.size());
  return all.cast<double>();
}

void Solve(MatrixXf part, const Ranks& ranks, bool vectors, int, SpreadEigen<float>& eigen) {
  const Meeting meeting(ranks);
  const BlockCyclic& grid = eigen.grid;
  Eigen::VectorXf scales(part.cols()), diagonal(part.cols()), beside(part.cols());
  FloatProblem problem = {Int(grid.size),
                          Int(grid.block),
                          grid.grid_rows,
                          grid.grid_cols,
                          Int(part.rows()),
                          Int(part.cols()),
                          part.data(),
                          scales.data(),
                          diagonal.data(),
                          beside.data(),
                          nullptr};
  CheckTrouble(meeting, ReduceToTridiagonal(&problem));
  eigen.values = Along(diagonal, grid, ranks);
  VectorXd off_diagonal = Along(beside, grid, ranks);
  if (!vectors) {
    const int info = LAPACKE_dsterf_work(Int(grid.size), eigen.values.data(), off_diagonal.data());
    return CheckTrouble(meeting, info == 0 ? nullptr : "sterf did not converge");
  }
  MatrixXd of_tridiagonal(part.rows(), part.cols());
  ElpaProblem middle = ProblemOf(grid, ranks, part, eigen.values);
  middle.vectors = of_tridiagonal.data();
  CheckTrouble(meeting, ElpaSolveTridiagonal(&middle, off_diagonal.data()));
  eigen.vectors = of_tridiagonal.cast<float>();
  of_tridiagonal.resize(0, 0);
  problem.vectors = eigen.vectors.data();
  CheckTrouble(meeting, TransformBack(&problem));
}

template <typename Scalar>
VectorXd FromFileToFile(const MatrixInFile& file,
                        const BlockCyclic& grid,
                        const std::optional<MatrixInFile>& vectors,
                        const Ranks& ranks,
                        int stages) {
  const SpreadEigen<Scalar> eigen =
      ElpaEigen<Scalar>(ReadSymmetricPart(file, grid, ranks).template cast<Scalar>(),
                        grid,
                        ranks,
                        vectors.has_value(),
                        stages);
  if (vectors) WriteColumnsReversed(eigen.vectors, grid, ranks, *vectors);
  return eigen.values.reverse();
}

}  // namespace

void ElpaOptions::Check() const {
  if (block < 1) throw Error("elpa: block is {}, expected at least 1", block);
  if (stages != 1 && stages != 2) throw Error("elpa: stages is {}, expected 1 or 2", stages);
}

bool CanUseElpa(const Ranks& ranks) {
  return ElpaFound() != 0 && ranks.FortranCommunicator().has_value();
}

template <typename Scalar>
SpreadEigen<Scalar> ElpaEigen(
    Matrix<Scalar> part, const BlockCyclic& grid, const Ranks& ranks, bool vectors, int stages) {
  if (grid.IsOneBlock()) return EigenOfOneBlock(std::move(part), grid, ranks);
  Meeting(ranks).Step([&] {
    if (!CanUseElpa(ranks))
      throw Error("elpa: expected a program built with ELPA (libelpa-dev), and started by mpirun");
    StopIfCancelled("spectrum");
  });
  SpreadEigen<Scalar> eigen = {grid, VectorXd(grid.size), {}};
  Solve(std::move(part), ranks, vectors, stages, eigen);
  return eigen;
}

template SpreadEigen<float> ElpaEigen(MatrixXf, const BlockCyclic&, const Ranks&, bool, int);
template SpreadEigen<double> ElpaEigen(MatrixXd, const BlockCyclic&, const Ranks&, bool, int);

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
  return file.is_double ? FromFileToFile<double>(file, grid, vectors, ranks, options.stages)
                        : FromFileToFile<float>(file, grid, vectors, ranks, options.stages);
}

std::int64_t ElpaBytes(Index d, const Ranks& ranks, const ElpaOptions& options) {
  constexpr std::int64_t kMatrices = 4, kPanels = 6, kNumber = sizeof(double);
  const BlockCyclic grid = BlockCyclic::Of(d, options.block, ranks, options.grid_rows);
  const std::int64_t rows = grid.Count(0, grid.grid_rows), cols = grid.Count(0, grid.grid_cols);
  return kNumber * (kMatrices * rows * cols + kPanels * grid.block * d);
}

}  // namespace denoscope
