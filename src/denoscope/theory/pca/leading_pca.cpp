#include "denoscope/theory/pca/leading_pca.h"

#include <fmt/format.h>

#include <algorithm>

#include "denoscope/base/error.h"
#include "denoscope/linalg/block_krylov.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

struct Moments {
  VectorXd mean;
  double total_variance = 0;
};

// One pass in float64, shifted by the first sample: no cancellation however far the mean, and the
// shifted samples are all exactly 0 just when all samples are the same.
Moments MeanAndVariance(const SampleSource& source) {
  const double n = static_cast<double>(source.n);
  VectorXd shift, sum = VectorXd::Zero(source.d);
  double squares = 0;
  ForEachBlock(source, [&](const MatrixXf& block) {
    if (shift.size() == 0) shift = block.col(0).cast<double>();
    const MatrixXd shifted = block.cast<double>().colwise() - shift;
    sum += shifted.rowwise().sum();
    squares += shifted.squaredNorm();
  });
  if (squares == 0) {
    throw Error("pca: all {} samples are the same, expected some that differ", source.n);
  }
  return {shift + sum / n, std::max(0.0, squares - sum.squaredNorm() / n) / (n - 1)};
}

// Sigma as products with blocks of vectors, a pass over the samples each.
class StreamedCovariance final : public LinearOperator {
 public:
  StreamedCovariance(const SampleSource& source, const VectorXd& mean)
      : source_(source), mean_(mean.cast<float>()) {}

  Index Rows() const override { return source_.d; }
  Index Cols() const override { return source_.d; }
  MatrixXf Apply(const MatrixXf& V) const override {
    MatrixXd sum = MatrixXd::Zero(V.rows(), V.cols());
    MatrixXf product;
    ForEachBlock(source_, [&](const MatrixXf& block) {
      const MatrixXf centred = block.colwise() - mean_;
      const MatrixXf scores = centred.transpose() * V;
      product.noalias() = centred * scores;
      sum += product.cast<double>();  // over many blocks float32 would lose digits
    });
    ++passes_;
    return (sum / static_cast<double>(source_.n - 1)).cast<float>();
  }
  MatrixXf ApplyTranspose(const MatrixXf& U) const override { return Apply(U); }

  std::int64_t Passes() const { return passes_; }

 private:
  const SampleSource& source_;
  Eigen::VectorXf mean_;  // rounding of the mean enters the covariance squared
  mutable std::int64_t passes_ = 0;
};

LeadingPca ExactPca(const SampleSource& source, const LeadingPcaOptions& options) {
  CovarianceAccumulator sums(source.d);
  ForEachBlock(source, [&](const MatrixXf& block) { sums.Add(block.cast<double>()); });
  return LeadingOf(ComputePca(sums), options.count);
}

LeadingPca StreamedPca(const SampleSource& source, const LeadingPcaOptions& options) {
  const Moments moments = MeanAndVariance(source);
  const StreamedCovariance covariance(source, moments.mean);
  KrylovOptions krylov;
  krylov.count = options.count;
  krylov.block = options.block;
  krylov.tolerance = options.tolerance;
  krylov.seed = options.seed;
  const RitzPairs pairs = LeadingEigenpairs(covariance, krylov);
  LeadingPca pca;
  pca.n = source.n;
  pca.mean = moments.mean;
  pca.eigenvalues = pairs.values.cwiseMax(0.0);
  pca.basis = pairs.vectors;
  pca.total_variance = moments.total_variance;
  pca.residuals = pairs.residuals;
  pca.complete = pairs.complete;
  pca.passes = covariance.Passes() + 1;
  pca.status = pairs.status;
  return pca;
}

}  // namespace

void LeadingPcaOptions::Check(const SampleSource& source) const {
  source.Check();
  if (source.n < 2) throw Error("pca: {} samples, expected at least 2", source.n);
  const Index most = std::min<Index>(source.d, source.n - 1);
  if (count < 1 || count > most) {
    throw Error("pca of samples ({},{}): count is {}, expected 1 to min(d, n - 1) = {}",
                source.d,
                source.n,
                count,
                most);
  }
  if (exact_up_to < 0) throw Error("pca: exact_up_to is {}, expected at least 0", exact_up_to);
  if (block < 1) throw Error("pca: block is {}, expected at least 1", block);
  if (!(tolerance > 0)) throw Error("pca: tolerance is {}, expected > 0", tolerance);
}

LeadingPca ComputeLeadingPca(const SampleSource& source, const LeadingPcaOptions& options) {
  options.Check(source);
  return source.d <= options.exact_up_to ? ExactPca(source, options) : StreamedPca(source, options);
}

LeadingPca LeadingOf(const Pca& pca, Index count) {
  if (count < 1 || count > pca.basis.cols() || pca.eigenvalues.size() != pca.basis.cols()) {
    throw Error("leading pca: count is {}, expected 1 to {}, with {} eigenvalues as many",
                count,
                pca.basis.cols(),
                pca.eigenvalues.size());
  }
  LeadingPca leading;
  leading.n = pca.n;
  leading.mean = pca.mean;
  leading.eigenvalues = pca.eigenvalues;
  leading.basis = pca.basis.leftCols(count).cast<float>();
  leading.total_variance = pca.eigenvalues.sum();
  // Sigma u - lambda u in the eigenbasis, where Sigma is diagonal.
  const MatrixXd parts = pca.basis.transpose() * leading.basis.cast<double>();
  leading.residuals.resize(count);
  for (Index k = 0; k < count; ++k) {
    const VectorXd shifted = pca.eigenvalues.array() - pca.eigenvalues(k);
    leading.residuals(k) = shifted.cwiseProduct(parts.col(k)).norm();
  }
  leading.exact = leading.complete = true;
  leading.passes = 1;
  leading.status = fmt::format("exact: all {} eigenvalues by lapack", pca.eigenvalues.size());
  return leading;
}

}  // namespace denoscope
