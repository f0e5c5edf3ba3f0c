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
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/linalg/orthonormal_block.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

constexpr double kNoise = 1e-6;    // a float32 product, relative to |A|
constexpr double kMargin = 0.8;    // of the tolerance: fresh products then agree with the kept ones
constexpr Index kCheckBlocks = 3;  // random blocks' steps without news before a result is believed

struct Ritz {
  VectorXd values;       // (m), leading first
  MatrixXd left, right;  // (m,m) coefficients in Z's and V's columns; equal when A is symmetric
};

// The basis V, its partner Z and the small problem between them.
class Projection {
 public:
  Projection(Index d, Index subspace) : V_(d, subspace), Z_(d, subspace) {}
  virtual ~Projection() = default;

  Index Size() const { return size_; }
  Index Capacity() const { return V_.cols(); }
  auto V() const { return V_.leftCols(size_); }
  auto Z() const { return Z_.leftCols(size_); }

  virtual Index ColumnCost() const = 0;        // products for one more column of V
  virtual void Extend(const MatrixXf& Q) = 0;  // V <- [V, Q]
  virtual Ritz Solve() const = 0;
  virtual void Restart(const Ritz& ritz, Index keep) = 0;  // V <- V right.leftCols(keep)

 protected:
  void Append(const MatrixXf& Q, const MatrixXf& image) {
    V_.middleCols(size_, Q.cols()) = Q;
    Z_.middleCols(size_, Q.cols()) = image;
    size_ += Q.cols();
  }
  void Rotate(const Ritz& ritz, Index keep) {
    V_.leftCols(keep) = Product(V(), ritz.right.leftCols(keep)).cast<float>();
    Z_.leftCols(keep) = Product(Z(), ritz.left.leftCols(keep)).cast<float>();
    size_ = keep;
  }

 private:
  MatrixXf V_, Z_;
  Index size_ = 0;
};

class SymmetricProjection final : public Projection {
 public:
  SymmetricProjection(const CountingOperator& A, Index subspace, Leading leading)
      : Projection(A.Cols(), subspace), A_(A), leading_(leading), T_(subspace, subspace) {}

  Index ColumnCost() const override { return 1; }

  void Extend(const MatrixXf& Q) override {
    const MatrixXf image = CheckedApply(A_, Q);
    const Index before = Size();
    Append(Q, image);
    const MatrixXd columns = TransposedProduct(V(), image.cast<double>());
    T_.block(0, before, Size(), Q.cols()) = columns;
    T_.block(before, 0, Q.cols(), Size()) = columns.transpose();
  }

  Ritz Solve() const override {
    const auto eigen = EigenSymmetric<double>(T_.topLeftCorner(Size(), Size()));
    std::vector<Index> order(static_cast<std::size_t>(Size()));
    std::iota(order.begin(), order.end(), Index{0});
    if (leading_ == Leading::kLargestMagnitude) {
      std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) {
        return std::abs(eigen.values(i)) > std::abs(eigen.values(j));
      });
    }
    Ritz ritz = {eigen.values(order), MatrixXd(), eigen.vectors(Eigen::all, order)};
    ritz.left = ritz.right;
    return ritz;
  }

  void Restart(const Ritz& ritz, Index keep) override {
    Rotate(ritz, keep);
    T_.topLeftCorner(keep, keep) = ritz.values.head(keep).asDiagonal();
  }

 private:
  const CountingOperator& A_;
  Leading leading_;
  MatrixXd T_;  // V^T Z
};

class BidiagonalProjection final : public Projection {
 public:
  BidiagonalProjection(const CountingOperator& A, Index subspace, RandomStream& random)
      : Projection(A.Cols(), subspace),
        A_(A),
        random_(random),
        U_(A.Rows(), subspace),
        B_(MatrixXd::Zero(subspace, subspace)) {}

  Index ColumnCost() const override { return 2; }

  void Extend(const MatrixXf& Q) override {
    const Index before = Size(), b = Q.cols();
    const MatrixXd image = CheckedApply(A_, Q).cast<double>();
    norm_ = std::max(norm_, image.colwise().norm().maxCoeff());
    const MatrixXf left = Orthonormalised(image, U_.leftCols(before), kNoise * norm_, random_);
    U_.middleCols(before, b) = left;
    B_.block(before, 0, b, before).setZero();
    B_.block(0, before, before + b, b) = TransposedProduct(U_.leftCols(before + b), image);
    Append(Q, CheckedApplyTranspose(A_, left));
  }

  Ritz Solve() const override {
    auto svd = SvdDense<double>(B_.topLeftCorner(Size(), Size()));
    return {svd.values, svd.left, svd.right};
  }

  void Restart(const Ritz& ritz, Index keep) override {
    U_.leftCols(keep) = Left(ritz, keep);
    Rotate(ritz, keep);
    B_.topLeftCorner(keep, keep) = ritz.values.head(keep).asDiagonal();
  }

  MatrixXf Left(const Ritz& ritz, Index count) const {
    return Product(U_.leftCols(Size()), ritz.left.leftCols(count)).cast<float>();
  }

 private:
  const CountingOperator& A_;
  RandomStream& random_;
  MatrixXf U_;
  MatrixXd B_;  // U^T A V
  double norm_ = 0;
};

// The options with nothing left to choose, for an operator whose smaller side is d.
KrylovOptions Chosen(KrylovOptions options, Index d, Index column_cost) {
  options.Check();
  options.count = std::min(options.count, d);
  if (options.block == 0) options.block = 8;
  options.block = std::min(options.block, d);
  const Index least = options.count + 2 * options.block;
  if (options.subspace == 0) options.subspace = 6 * options.count + 2 * options.block;
  options.subspace = std::min(d, std::max(options.subspace, least));
  if (options.max_applications == 0) {
    options.max_applications = column_cost * std::min(d, 24 * options.count + 256);
  }
  return options;
}

VectorXd ResidualNorms(const Projection& projection, const Ritz& ritz, Index count) {
  const MatrixXd residual =
      Product(projection.Z(), ritz.left.leftCols(count)) -
      Product(projection.V(), ritz.right.leftCols(count) * ritz.values.head(count).asDiagonal());
  return residual.colwise().norm().transpose();
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

struct SearchResult {
  Ritz ritz;
  std::string stopped;  // empty: all converged
  Index restarts = 0;
};

// Grows and restarts the projection until the leading K have converged and random blocks bring
// nothing new, the basis is the whole space, or the applications are used up.
SearchResult Search(Projection& projection,
                    const CountingOperator& A,
                    const KrylovOptions& options,
                    RandomStream& random) {
  const Index d = projection.V().rows(), K = options.count, cost = projection.ColumnCost();
  SearchResult result;
  MatrixXd next = NormalBlock(d, options.block, random).cast<double>();
  Index checked = -1;  // steps since a random block joined a converged basis, -1: none yet
  VectorXd believed;
  double negligible = 0;
  while (true) {
    if (CancelRequested()) {
      throw Interrupted("block krylov: interrupted after {} operator columns", A.Applications());
    }
    const Index m = projection.Size(), b = std::min<Index>(next.cols(), d - m);
    const MatrixXf Q = Orthonormalised(next.leftCols(b), projection.V(), negligible, random);
    projection.Extend(Q);
    result.ritz = projection.Solve();
    const double scale = Scale(result.ritz);
    negligible = kNoise * scale;
    const Index size = projection.Size();
    if (size == d) break;
    const bool enough = size >= K;
    if (enough) {
      const VectorXd residuals = ResidualNorms(projection, result.ritz, K);
      const double bound = options.tolerance * scale;
      if (residuals.maxCoeff() <= kMargin * bound) {
        if (LargestCluster(result.ritz.values, K, bound) < options.block) break;
        const VectorXd values = result.ritz.values.head(K);
        if (checked >= 0 && (values - believed).cwiseAbs().maxCoeff() > bound) checked = -1;
        if (++checked == kCheckBlocks) break;
        believed = values;
      }
    }
    if (enough && A.Applications() + cost * (options.block + K) > options.max_applications) {
      result.stopped = fmt::format(
          "stopped at {} operator columns of {}", A.Applications(), options.max_applications);
      break;
    }
    next = checked == 0 ? NormalBlock(d, options.block, random).cast<double>()
                        : MatrixXd(projection.Z().rightCols(b).cast<double>());
    if (size + options.block > projection.Capacity()) {
      // The residual block must leave V's span before the span shrinks to the Ritz vectors.
      next -= Product(projection.V(), TransposedProduct(projection.V(), next));
      projection.Restart(result.ritz,
                         std::min(K + (size - K) / 2, projection.Capacity() - options.block));
      ++result.restarts;
    }
  }
  return result;
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
  VectorXd residuals = ResidualNorms(projection, search.ritz, m);
  residuals.head(K) = result.residuals;
  const std::vector<int> cluster = ClusterOf(values, bound);
  const bool whole = m == projection.V().rows();
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

// "all 32 pairs within 1.0e-04 of 0.999, ..".
template <typename Result>
std::string Words(const SearchResult& search,
                  const Projection& projection,
                  const KrylovOptions& options,
                  const Result& result) {
  const Index K = result.values.size();
  std::string words = search.stopped;
  if (words.empty())
    words = projection.Size() == projection.V().rows() ? "whole space" : "converged";
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
        "; only {} of {} values are single: the others lie in clusters of up to {} values closer "
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

RitzPairs LeadingEigenpairs(const LinearOperator& A, const KrylovOptions& options) {
  if (A.Rows() != A.Cols() || A.Rows() == 0) {
    throw Error("leading eigenpairs: operator has shape ({},{}), expected a square one, not empty",
                A.Rows(),
                A.Cols());
  }
  const CountingOperator counted(A);
  const KrylovOptions chosen = Chosen(options, A.Cols(), 1);
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
  const KrylovOptions chosen = Chosen(options, A.Cols(), 2);
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
