#include "denoscope/linalg/block_krylov.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/linalg/krylov_projection.h"
#include "denoscope/linalg/orthonormal_block.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kMargin = 0.8;   // of the tolerance: fresh products then agree with the kept ones
constexpr Index kQuietSteps = 3;  // without news after random directions joined the basis

// Of Ritz pairs begin .. begin + count - 1.
VectorXd ResidualNorms(const Projection& projection, const Ritz& ritz, Index begin, Index count) {
  const MatrixXd right =
      ritz.right.middleCols(begin, count) * ritz.values.segment(begin, count).asDiagonal();
  const MatrixXd residual =
      Product(projection.Z(), ritz.left.middleCols(begin, count)) - Product(projection.V(), right);
  return residual.colwise().norm().transpose();
}

// Whether the leading K residuals are within the bound: the last first, as they come in late, and
// no more once one is not.
bool AllWithin(const Projection& projection, const Ritz& ritz, Index K, double bound) {
  constexpr Index kGroup = 4;
  for (Index end = K; end > 0; end -= std::min(kGroup, end)) {
    const Index size = std::min(kGroup, end);
    if (ResidualNorms(projection, ritz, end - size, size).maxCoeff() > bound) return false;
  }
  return true;
}

double Scale(const Ritz& ritz) { return ritz.values.cwiseAbs().maxCoeff(); }

// For each Ritz value the number of its cluster, clusters being chains of values less than `width`
// apart.
std::vector<int> ClusterOf(const VectorXd& values, double width) {
  std::vector<Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&](Index i, Index j) { return values(i) > values(j); });
  std::vector<int> cluster(order.size());
  int current = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (k > 0 && values(order[k - 1]) - values(order[k]) > width) ++current;
    cluster[static_cast<std::size_t>(order[k])] = current;
  }
  return cluster;
}

// Largest cluster among the leading K.
Index LargestCluster(const VectorXd& values, Index K, double width) {
  const std::vector<int> cluster = ClusterOf(values, width);
  Index largest = 0;
  for (Index k = 0; k < K; ++k) {
    const auto size =
        std::count(cluster.begin(), cluster.end(), cluster[static_cast<std::size_t>(k)]);
    largest = std::max<Index>(largest, size);
  }
  return largest;
}

enum class Step { kGrow, kProbe, kDone };

// Decides after each block: all K converged and no cluster as large as a block ends the search, a
// larger cluster asks for random blocks until some steps have changed nothing.
class Judge {
 public:
  explicit Judge(const KrylovOptions& options) : options_(options) {}

  Step operator()(const Projection& projection, const Ritz& ritz) {
    const Index K = options_.count;
    const double bound = options_.tolerance * Scale(ritz);
    if (projection.Size() == projection.Dimension()) return Step::kDone;
    if (projection.Size() < K) return Step::kGrow;
    if (!AllWithin(projection, ritz, K, kMargin * bound)) return Step::kGrow;
    if (LargestCluster(ritz.values, K, bound) < options_.block) return Step::kDone;
    const VectorXd values = ritz.values.head(K);
    if (believed_.size() == 0 || (values - believed_).cwiseAbs().maxCoeff() > bound) {
      believed_ = values;
      quiet_ = 0;
      return Step::kProbe;
    }
    return ++quiet_ == kQuietSteps ? Step::kDone : Step::kGrow;
  }

 private:
  const KrylovOptions& options_;
  VectorXd believed_;
  Index quiet_ = 0;  // steps since the last probe that left the K values as they were
};

struct SearchResult {
  Ritz ritz;
  std::string stopped;  // empty: the judge was satisfied
  Index restarts = 0;
};

SearchResult Search(Projection& projection,
                    const CountingOperator& A,
                    const KrylovOptions& options,
                    RandomStream& random) {
  const Index d = projection.Dimension(), K = options.count, b = options.block;
  SearchResult result;
  Judge judge(options);
  MatrixXd next = NormalBlock(d, b, random).cast<double>();
  double negligible = 0;
  while (true) {
    if (CancelRequested()) {
      throw Interrupted("block krylov: interrupted after {} operator columns", A.Applications());
    }
    const Index fitting = std::min(b, d - projection.Size());
    projection.Extend(Orthonormalised(next.leftCols(fitting), projection.V(), negligible, random));
    result.ritz = projection.Solve();
    negligible = kNoise * Scale(result.ritz);
    const Step step = judge(projection, result.ritz);
    if (step == Step::kDone) return result;
    const Index size = projection.Size();
    const Index ahead = projection.ColumnCost() * (b + K);  // of another block and the final check
    if (size >= K && A.Applications() + ahead > options.max_applications) {
      result.stopped =
          fmt::format("stopped at the limit of {} operator columns", options.max_applications);
      return result;
    }
    next = step == Step::kProbe ? NormalBlock(d, b, random).cast<double>()
                                : MatrixXd(projection.Z().rightCols(b).cast<double>());
    if (size + b > projection.Capacity() && projection.Capacity() < d) {
      // The next block must leave V's span before that shrinks to the best Ritz vectors.
      next -= Product(projection.V(), TransposedProduct(projection.V(), next));
      projection.Restart(result.ritz, std::min(K + (size - K) / 2, projection.Capacity() - b));
      ++result.restarts;
    }
  }
}

// What both results say of their values, given fresh residuals of the leading K.
template <typename Result>
void Describe(const SearchResult& search,
              const Projection& projection,
              const KrylovOptions& options,
              bool gap_to_zero,
              Result& result) {
  const Index K = result.values.size(), m = projection.Size();
  const double bound = options.tolerance * Scale(search.ritz);
  VectorXd values = search.ritz.values;
  values.head(K) = result.values;
  VectorXd residuals = ResidualNorms(projection, search.ritz, 0, m);
  residuals.head(K) = result.residuals;
  const std::vector<int> cluster = ClusterOf(values, bound);
  const bool whole = m == projection.Dimension();
  result.angle_bounds.resize(K);
  result.cluster_sizes.setZero(K);
  for (Index k = 0; k < K; ++k) {
    // Without a value outside the cluster its distance is unknown, unless there is none.
    double gap = std::numeric_limits<double>::infinity();
    for (Index j = 0; j < m; ++j) {
      if (cluster[static_cast<std::size_t>(j)] == cluster[static_cast<std::size_t>(k)]) {
        ++result.cluster_sizes(k);
      } else {
        gap = std::min(gap, std::abs(values(k) - values(j)) - residuals(j));
      }
    }
    if (gap_to_zero) gap = std::min(gap, values(k));
    const bool known = gap > 0 && (whole || std::isfinite(gap));
    result.angle_bounds(k) = known ? std::min(1.0, residuals(k) / gap) : 1.0;
  }
  result.converged = (result.residuals.array() <= bound).count();
  result.complete = result.converged == K;
}

// The status, once all else of the result is known.
template <typename Result>
std::string Words(const SearchResult& search,
                  const Projection& projection,
                  const KrylovOptions& options,
                  const Result& result) {
  const Index K = result.values.size();
  std::string words = search.stopped;
  if (words.empty())
    words = projection.Size() == projection.Dimension() ? "whole space" : "converged";
  words += fmt::format(
      ": {} of {} within a residual of {:.1e} of {:.4g}, largest residual {:.1e}; {} operator "
      "columns, basis of {}, {} restarts",
      result.converged,
      K,
      options.tolerance,
      Scale(search.ritz),
      result.residuals.maxCoeff(),
      result.applications,
      projection.Size(),
      search.restarts);
  const Index single = (result.cluster_sizes.array() == 1).count();
  if (single < K) {
    words += fmt::format(
        "; {} of {} values are single: the others lie in clusters of up to {} values closer "
        "than the tolerance, whose vectors are not determined one by one",
        single,
        K,
        result.cluster_sizes.maxCoeff());
  }
  return words;
}

// A^T as an operator, so that the basis lies on the smaller side.
class Transposed final : public LinearOperator {
 public:
  explicit Transposed(const LinearOperator& A) : A_(A) {}
  Index Rows() const override { return A_.Cols(); }
  Index Cols() const override { return A_.Rows(); }
  MatrixXf Apply(const MatrixXf& V) const override { return A_.ApplyTranspose(V); }
  MatrixXf ApplyTranspose(const MatrixXf& U) const override { return A_.Apply(U); }

 private:
  const LinearOperator& A_;
};

VectorXd ColumnNorms(const MatrixXd& X) { return X.colwise().norm().transpose(); }

}  // namespace

void KrylovOptions::Check() const {
  if (count < 1) throw Error("block krylov: count is {}, expected at least 1", count);
  if (block < 0) throw Error("block krylov: block is {}, expected at least 0", block);
  if (subspace != 0 && subspace < count + 2 * block) {
    throw Error("block krylov: subspace is {}, expected 0 or at least count + 2 block = {}",
                subspace,
                count + 2 * block);
  }
  if (max_applications < 0) {
    throw Error("block krylov: max_applications is {}, expected at least 0", max_applications);
  }
  if (!(tolerance > 0)) throw Error("block krylov: tolerance is {}, expected > 0", tolerance);
}

KrylovOptions Resolved(KrylovOptions options, Index d, Index column_cost) {
  options.Check();
  options.count = std::min(options.count, d);
  if (options.block == 0) options.block = 8;
  options.block = std::min(options.block, d);
  const Index least = options.count + 2 * options.block;
  // Restarts cost products, a larger basis only memory.
  constexpr Index kBasisBytes = Index{256} << 20;
  if (options.subspace == 0)
    options.subspace = std::clamp(kBasisBytes / (12 * d),
                                  4 * options.count + 2 * options.block,
                                  16 * options.count + 2 * options.block);
  options.subspace = std::min(d, std::max(options.subspace, least));
  if (options.max_applications == 0) {
    options.max_applications = column_cost * std::min(d, 24 * options.count + 256);
  }
  return options;
}

RitzPairs LeadingEigenpairs(const LinearOperator& A, const KrylovOptions& options) {
  if (A.Rows() != A.Cols() || A.Rows() == 0) {
    throw Error("leading eigenpairs: operator has shape ({},{}), expected a square one, not empty",
                A.Rows(),
                A.Cols());
  }
  const CountingOperator counted(A);
  const KrylovOptions chosen = Resolved(options, A.Cols(), 1);
  RandomStream random(options.seed, "block krylov");
  SymmetricProjection projection(counted, chosen.subspace, chosen.leading);
  const SearchResult search = Search(projection, counted, chosen, random);
  RitzPairs result;
  const Index K = chosen.count;
  result.values = search.ritz.values.head(K);
  result.vectors = Product(projection.V(), search.ritz.right.leftCols(K)).cast<float>();
  const MatrixXd images = CheckedApply(counted, result.vectors).cast<double>();
  const MatrixXd vectors = result.vectors.cast<double>();
  result.residuals = ColumnNorms(images - vectors * result.values.asDiagonal());
  result.applications = counted.Applications();
  Describe(search, projection, chosen, false, result);
  result.status = Words(search, projection, chosen, result);
  return result;
}

SingularTriplets LeadingSingularTriplets(const LinearOperator& A, const KrylovOptions& options) {
  if (A.Rows() == 0 || A.Cols() == 0) {
    throw Error("leading singular triplets: operator ({},{}) is empty", A.Rows(), A.Cols());
  }
  if (A.Rows() < A.Cols()) {
    SingularTriplets result = LeadingSingularTriplets(Transposed(A), options);
    result.left.swap(result.right);
    return result;
  }
  const CountingOperator counted(A);
  const KrylovOptions chosen = Resolved(options, A.Cols(), 2);
  RandomStream random(options.seed, "block krylov");
  BidiagonalProjection projection(counted, chosen.subspace, random);
  const SearchResult search = Search(projection, counted, chosen, random);
  SingularTriplets result;
  const Index K = chosen.count;
  result.values = search.ritz.values.head(K);
  result.left = projection.Left(search.ritz, K);
  result.right = Product(projection.V(), search.ritz.right.leftCols(K)).cast<float>();
  const MatrixXd left = result.left.cast<double>(), right = result.right.cast<double>();
  const MatrixXd AV = CheckedApply(counted, result.right).cast<double>();
  const MatrixXd AtU = CheckedApplyTranspose(counted, result.left).cast<double>();
  result.residuals = ColumnNorms(AV - left * result.values.asDiagonal())
                         .cwiseMax(ColumnNorms(AtU - right * result.values.asDiagonal()));
  result.applications = counted.Applications();
  Describe(search, projection, chosen, A.Rows() > A.Cols(), result);
  result.status = Words(search, projection, chosen, result);
  return result;
}

}  // namespace denoscope
