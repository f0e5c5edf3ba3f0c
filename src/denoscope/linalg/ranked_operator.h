// Products with blocks of vectors, shared among the ranks of a job: each multiplies an even share
// of the columns and hears those of the others, so that every rank holds the whole product.
//
// Around it an algorithm runs on every rank alike: what is not a product is done by all, to the
// same bytes. A product of b columns costs each rank b rows floats of the others to hear. Ranks
// whose processors round differently would drift apart: that is an error at the next product, which
// compares what is multiplied, not a wrong result.
#pragma once

#include <cstdint>
#include <functional>

#include "denoscope/linalg/linear_operator.h"
#include "denoscope/ranks/meeting.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {

class RankedOperator final : public LinearOperator {
 public:
  // A, the same on every rank, and the ranks must outlive it.
  RankedOperator(const LinearOperator& A, const Ranks& ranks)
      : A_(A), ranks_(ranks), meeting_(ranks) {}
  Eigen::Index Rows() const override { return A_.Rows(); }
  Eigen::Index Cols() const override { return A_.Cols(); }
  // What goes wrong on one rank is thrown on all (ranks/meeting.h).
  Eigen::MatrixXf Apply(const Eigen::MatrixXf& V) const override;
  Eigen::MatrixXf ApplyTranspose(const Eigen::MatrixXf& U) const override;

  // Does `work`, which multiplies by this operator, the same on every rank.
  void Together(const std::function<void()>& work) const { meeting_.Together(work); }

  std::int64_t Applications() const { return applications_; }  // columns, of all ranks
  std::int64_t BytesHeard() const { return bytes_; }           // of the others' products

 private:
  using Product = std::function<Eigen::MatrixXf(const Eigen::MatrixXf&)>;
  Eigen::MatrixXf Shared(const Eigen::MatrixXf& X, Eigen::Index rows, const Product& product) const;

  const LinearOperator& A_;
  const Ranks& ranks_;
  Meeting meeting_;
  mutable std::int64_t applications_ = 0, bytes_ = 0;
};

}  // namespace denoscope
