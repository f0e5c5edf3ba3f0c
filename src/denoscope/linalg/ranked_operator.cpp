#include "denoscope/linalg/ranked_operator.h"

#include <cstring>
#include <string>
#include <vector>

#include "denoscope/base/cancel.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;

// FNV-1a over words, as text.
std::string Digest(const MatrixXf& X) {
  std::uint64_t hash = 14695981039346656037u;
  for (const float* value = X.data(); value < X.data() + X.size(); ++value) {
    std::uint32_t word = 0;
    std::memcpy(&word, value, sizeof word);
    hash = (hash ^ word) * 1099511628211u;
  }
  return fmt::format("{} vectors of digest {:016x}", X.cols(), hash);
}

}  // namespace

MatrixXf RankedOperator::Apply(const MatrixXf& V) const {
  return Shared(V, Rows(), [&](const MatrixXf& own) { return A_.Apply(own); });
}

MatrixXf RankedOperator::ApplyTranspose(const MatrixXf& U) const {
  return Shared(U, Cols(), [&](const MatrixXf& own) { return A_.ApplyTranspose(own); });
}

MatrixXf RankedOperator::Shared(const MatrixXf& X, Index rows, const Product& product) const {
  applications_ += X.cols();
  if (ranks_.Count() == 1) {
    StopIfCancelled("products");
    return product(X);
  }
  std::vector<std::int64_t> counts;
  for (int r = 0; r < ranks_.Count(); ++r) {
    const PieceRange part = PiecesOf(X.cols(), r, ranks_.Count());
    counts.push_back((part.end - part.begin) * rows);
  }
  const PieceRange own = PiecesOf(X.cols(), ranks_.Rank(), ranks_.Count());
  const Index columns = own.end - own.begin;
  MatrixXf result(rows, X.cols());
  meeting_.Step(
      [&] {
        StopIfCancelled("products");
        if (columns > 0)
          result.middleCols(own.begin, columns) = product(X.middleCols(own.begin, columns));
      },
      Digest(X));
  ranks_.Share(result.data(), counts);
  bytes_ += (X.cols() - columns) * rows * static_cast<std::int64_t>(sizeof(float));
  return result;
}

}  // namespace denoscope
