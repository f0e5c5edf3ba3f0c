#include "denoscope/linalg/block_cyclic.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <string>
#include <system_error>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/ranks/meeting.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Messages = std::vector<std::vector<double>>;
template <typename Scalar>
using Rows = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::size_t At(int rank) { return static_cast<std::size_t>(rank); }

// Calls use(global begin, local begin, count) for each block of the one at `place`.
template <typename Use>
void ForBlocks(const BlockCyclic& grid, int place, int places, const Use& use) {
  Index local = 0;
  for (Index panel = place; panel < grid.Panels(); panel += places) {
    use(panel * grid.block, local, grid.PanelSize(panel));
    local += grid.PanelSize(panel);
  }
}

Index LocalBegin(const BlockCyclic& grid, Index panel, int places) {
  return panel / places * grid.block;
}

[[noreturn]] void FailFile(const char* action) {
  throw Error("spectrum: cannot {} a matrix: {}",
              action,
              errno == 0 ? "the file has ended" : std::generic_category().message(errno));
}

template <typename Scalar>
Rows<double> ReadRowsAs(const MatrixInFile& file, Index begin, Index count, Index d) {
  Rows<Scalar> rows(count, d);
  auto* next = reinterpret_cast<char*>(rows.data());
  auto left = static_cast<std::size_t>(rows.size()) * sizeof(Scalar);
  auto place =
      static_cast<off_t>(file.offset) + static_cast<off_t>(begin * d) * off_t{sizeof(Scalar)};
  while (left > 0) {
    errno = 0;
    const ssize_t got = ::pread(file.descriptor, next, left, place);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) FailFile("read");
    next += got, place += got, left -= static_cast<std::size_t>(got);
  }
  return rows.template cast<double>();
}

Rows<double> ReadPanel(const MatrixInFile& file, const BlockCyclic& grid, Index panel) {
  const Index d = grid.size, begin = panel * grid.block, count = grid.PanelSize(panel);
  Rows<double> rows = file.is_double ? ReadRowsAs<double>(file, begin, count, d)
                                     : ReadRowsAs<float>(file, begin, count, d);
  for (Index i = 0; i < count; ++i)
    for (Index j = 0; j < d; ++j)
      if (!std::isfinite(rows(i, j)))
        throw Error("matrix ({0},{0}): entry ({1},{2}) is {3}, expected a finite number",
                    d,
                    begin + i,
                    j,
                    rows(i, j));
  return rows;
}

template <typename Scalar>
void WriteRowsAs(const MatrixInFile& file, Index begin, const Rows<double>& numbers) {
  const Rows<Scalar> rows = numbers.template cast<Scalar>();
  const auto* next = reinterpret_cast<const char*>(rows.data());
  auto left = static_cast<std::size_t>(rows.size()) * sizeof(Scalar);
  auto place = static_cast<off_t>(file.offset) +
               static_cast<off_t>(begin * rows.cols()) * off_t{sizeof(Scalar)};
  while (left > 0) {
    errno = 0;
    const ssize_t written = ::pwrite(file.descriptor, next, left, place);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) FailFile("write");
    next += written, place += written, left -= static_cast<std::size_t>(written);
  }
}

// Half of each entry of a panel of rows, for the rank that has it, and again for the one that has
// its mirror image: first the one, then the other where a rank gets both.
Messages HalvesOf(const Rows<double>& rows, const BlockCyclic& grid, Index panel) {
  Messages messages(At(grid.grid_rows * grid.grid_cols));
  const Index count = rows.rows();
  for (int c = 0; c < grid.grid_cols; ++c) {
    auto& message = messages[At(grid.RankAt(static_cast<int>(panel % grid.grid_rows), c))];
    ForBlocks(grid, c, grid.grid_cols, [&](Index begin, Index, Index size) {
      for (Index j = begin; j < begin + size; ++j)
        for (Index i = 0; i < count; ++i) message.push_back(rows(i, j) / 2);
    });
  }
  for (int r = 0; r < grid.grid_rows; ++r) {
    auto& message = messages[At(grid.RankAt(r, static_cast<int>(panel % grid.grid_cols)))];
    for (Index i = 0; i < count; ++i)
      ForBlocks(grid, r, grid.grid_rows, [&](Index begin, Index, Index size) {
        for (Index j = begin; j < begin + size; ++j) message.push_back(rows(i, j) / 2);
      });
  }
  return messages;
}

// Adds what HalvesOf has sent of this panel.
void AddHalves(const std::vector<double>& message,
               const BlockCyclic& grid,
               Index panel,
               MatrixXd& part) {
  const Index count = grid.PanelSize(panel), rows = part.rows(), cols = part.cols();
  const double* next = message.data();
  if (panel % grid.grid_rows == grid.row) {
    const Index begin = LocalBegin(grid, panel, grid.grid_rows);
    part.middleRows(begin, count) += Eigen::Map<const MatrixXd>(next, count, cols);
    next += count * cols;
  }
  if (panel % grid.grid_cols == grid.col) {
    const Index begin = LocalBegin(grid, panel, grid.grid_cols);
    part.middleCols(begin, count) += Eigen::Map<const MatrixXd>(next, rows, count);
  }
}

// The columns of a panel that this rank has rows of.
template <typename Scalar>
std::vector<double> ColumnsOf(const Matrix<Scalar>& part, const BlockCyclic& grid, Index panel) {
  if (panel >= grid.Panels() || panel % grid.grid_cols != grid.col) return {};
  const auto columns =
      part.middleCols(LocalBegin(grid, panel, grid.grid_cols), grid.PanelSize(panel));
  std::vector<double> message(static_cast<std::size_t>(columns.size()));
  Eigen::Map<MatrixXd>(message.data(), columns.rows(), columns.cols()) =
      columns.template cast<double>();
  return message;
}

// A panel's whole columns as rows, the last one first, from what ColumnsOf has sent.
Rows<double> RowsFrom(const Messages& heard, const BlockCyclic& grid, Index panel) {
  const Index count = grid.PanelSize(panel);
  Rows<double> rows(count, grid.size);
  for (int r = 0; r < grid.grid_rows; ++r) {
    const auto& message = heard[At(grid.RankAt(r, static_cast<int>(panel % grid.grid_cols)))];
    const Eigen::Map<const MatrixXd> columns(message.data(), grid.Count(r, grid.grid_rows), count);
    ForBlocks(grid, r, grid.grid_rows, [&](Index begin, Index local, Index size) {
      rows.middleCols(begin, size) =
          columns.middleRows(local, size).transpose().colwise().reverse();
    });
  }
  for (Index k = 0; k < count; ++k) {
    Index largest = 0;
    rows.row(k).cwiseAbs().maxCoeff(&largest);
    if (rows(k, largest) < 0) rows.row(k) *= -1;
  }
  return rows;
}

int LargestDivisorUpToRoot(int n) {
  int best = 1;
  for (int p = 1; p * p <= n; ++p)
    if (n % p == 0) best = p;
  return best;
}

}  // namespace

BlockCyclic BlockCyclic::Of(Index d, Index block, const Ranks& ranks, int grid_rows) {
  const int count = ranks.Count();
  if (d < 1 || block < 1 || grid_rows < 0 || (grid_rows > 0 && count % grid_rows != 0))
    throw Error(
        "spectrum: d is {}, blocks of {}, {} rows of {} ranks, expected d and blocks of at least 1 "
        "and a number of rows that divides the ranks",
        d,
        block,
        grid_rows,
        count);
  BlockCyclic grid;
  grid.size = d;
  grid.grid_rows = grid_rows > 0 ? grid_rows : LargestDivisorUpToRoot(count);
  grid.grid_cols = count / grid.grid_rows;
  const Index even = d / std::max(grid.grid_rows, grid.grid_cols);
  grid.block = even > 0 ? std::min(even, block) : d;
  grid.row = ranks.Rank() % grid.grid_rows;
  grid.col = ranks.Rank() / grid.grid_rows;
  return grid;
}

Index BlockCyclic::PanelSize(Index panel) const { return std::min(block, size - panel * block); }

Index BlockCyclic::Count(int place, int places) const {
  Index count = 0;
  for (Index panel = place; panel < Panels(); panel += places) count += PanelSize(panel);
  return count;
}

MatrixXd ReadSymmetricPart(const MatrixInFile& file, const BlockCyclic& grid, const Ranks& ranks) {
  const Meeting meeting(ranks);
  MatrixXd part = MatrixXd::Zero(grid.LocalRows(), grid.LocalCols());
  for (Index first = 0; first < grid.Panels(); first += ranks.Count()) {
    const Index own = first + ranks.Rank();
    Messages messages(At(ranks.Count()));
    meeting.Step([&] {
      if (own < grid.Panels()) messages = HalvesOf(ReadPanel(file, grid, own), grid, own);
    });
    const Messages heard = ranks.Exchange(messages);
    for (int r = 0; r < ranks.Count() && first + r < grid.Panels(); ++r)
      AddHalves(heard[At(r)], grid, first + r, part);
  }
  return part;
}

template <typename Scalar>
void WriteColumnsReversed(const Matrix<Scalar>& part,
                          const BlockCyclic& grid,
                          const Ranks& ranks,
                          const MatrixInFile& file) {
  const Meeting meeting(ranks);
  for (Index first = 0; first < grid.Panels(); first += ranks.Count()) {
    Messages messages;
    for (int r = 0; r < ranks.Count(); ++r) messages.push_back(ColumnsOf(part, grid, first + r));
    const Messages heard = ranks.Exchange(messages);
    const Index own = first + ranks.Rank();
    meeting.Step([&] {
      if (own >= grid.Panels()) return;
      const Rows<double> rows = RowsFrom(heard, grid, own);
      const Index begin = grid.size - own * grid.block - rows.rows();
      if (file.is_double)
        WriteRowsAs<double>(file, begin, rows);
      else
        WriteRowsAs<float>(file, begin, rows);
    });
  }
}

template void WriteColumnsReversed(const Matrix<float>&,
                                   const BlockCyclic&,
                                   const Ranks&,
                                   const MatrixInFile&);
template void WriteColumnsReversed(const Matrix<double>&,
                                   const BlockCyclic&,
                                   const Ranks&,
                                   const MatrixInFile&);

}  // namespace denoscope
