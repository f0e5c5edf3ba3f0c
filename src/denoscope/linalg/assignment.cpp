#include "denoscope/linalg/assignment.h"

#include <limits>
#include <vector>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;

constexpr Index kFree = -1;

// Costs are negated scores. The prices keep cost(i,j) - row_price(i) - column_price(j) >= 0, and 0
// along the assignment, which is therefore the cheapest of the rows assigned so far.
class Assigner {
 public:
  explicit Assigner(const Eigen::MatrixXd& scores)
      : scores_(scores),
        row_price_(Eigen::VectorXd::Zero(scores.rows())),
        column_price_(Eigen::VectorXd::Zero(scores.cols())),
        row_of_(static_cast<std::size_t>(scores.cols()), kFree) {}

  // Assigns one more row: Dijkstra over columns from it to the nearest free one.
  void Add(Index row) {
    const Index K = scores_.cols();
    reached_.assign(static_cast<std::size_t>(K), false);
    before_.assign(static_cast<std::size_t>(K), kFree);
    distance_.setConstant(K, std::numeric_limits<double>::infinity());
    Index column = kFree;
    double length = 0;
    for (Index from = row; from != kFree; from = At(row_of_, column)) {
      Relax(from, column, length);
      column = Nearest();
      length = distance_(column);
      reached_[static_cast<std::size_t>(column)] = true;
    }
    UpdatePrices(row, length);
    Augment(row, column);
  }

  Eigen::VectorXi Columns() const {
    Eigen::VectorXi columns(scores_.rows());
    for (Index j = 0; j < scores_.cols(); ++j) columns(At(row_of_, j)) = static_cast<int>(j);
    return columns;
  }

 private:
  static Index At(const std::vector<Index>& list, Index i) {
    return list[static_cast<std::size_t>(i)];
  }

  // Paths on through row `from`, itself reached through `column` at `length`.
  void Relax(Index from, Index column, double length) {
    for (Index j = 0; j < scores_.cols(); ++j) {
      if (reached_[static_cast<std::size_t>(j)]) continue;
      const double through = length - scores_(from, j) - row_price_(from) - column_price_(j);
      if (through >= distance_(j)) continue;
      distance_(j) = through;
      before_[static_cast<std::size_t>(j)] = column;
    }
  }

  Index Nearest() const {
    Index nearest = kFree;
    for (Index j = 0; j < scores_.cols(); ++j) {
      if (reached_[static_cast<std::size_t>(j)]) continue;
      if (nearest == kFree || distance_(j) < distance_(nearest)) nearest = j;
    }
    return nearest;
  }

  void UpdatePrices(Index row, double length) {
    row_price_(row) += length;
    for (Index j = 0; j < scores_.cols(); ++j) {
      if (!reached_[static_cast<std::size_t>(j)]) continue;
      const double saved = length - distance_(j);
      column_price_(j) -= saved;
      if (At(row_of_, j) != kFree) row_price_(At(row_of_, j)) += saved;
    }
  }

  // Back along the path: each column takes the row of the one before it.
  void Augment(Index row, Index column) {
    while (column != kFree) {
      const Index before = At(before_, column);
      row_of_[static_cast<std::size_t>(column)] = before == kFree ? row : At(row_of_, before);
      column = before;
    }
  }

  const Eigen::MatrixXd& scores_;
  Eigen::VectorXd row_price_, column_price_, distance_;
  std::vector<Index> row_of_, before_;  // of each column
  std::vector<bool> reached_;
};

}  // namespace

Eigen::VectorXi BestAssignment(const Eigen::MatrixXd& scores) {
  if (scores.rows() != scores.cols()) {
    throw Error("assignment: scores have shape ({},{}), expected a square of them",
                scores.rows(),
                scores.cols());
  }
  if (!scores.allFinite()) {
    throw Error("assignment of {} rows: a score is not finite", scores.rows());
  }
  Assigner assigner(scores);
  for (Index row = 0; row < scores.rows(); ++row) assigner.Add(row);
  return assigner.Columns();
}

}  // namespace denoscope
