#include "denoscope/emergence/trajectory_curves.h"

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Rows of products (c,B) summed within groups: (m,B).
MatrixXd Grouped(const MatrixXd& products, const std::vector<int>& group, Index directions) {
  MatrixXd sums = MatrixXd::Zero(directions, products.cols());
  for (Index i = 0; i < products.rows(); ++i)
    sums.row(group[static_cast<std::size_t>(i)]) += products.row(i);
  return sums;
}

MatrixXd NextColumn(const MatrixXd& M) {
  MatrixXd next(M.rows(), M.cols());
  next.leftCols(M.cols() - 1) = M.rightCols(M.cols() - 1);
  next.col(M.cols() - 1) = M.col(0);
  return next;
}

}  // namespace

DirectionSums::DirectionSums(const Path& path,
                             const VectorXd& mean,
                             const MatrixXd& basis,
                             const std::vector<int>& group,
                             Index directions) {
  const std::vector<Index> whole = path.WholeSamples();
  if (whole.empty()) {
    final_.resize(directions, 0);
    return;
  }
  const auto coordinates = [&](const Array& array, Index t) {
    const MatrixXd state = StateOf(array, t)(Eigen::all, whole);
    return MatrixXd(basis.transpose() * (state.colwise() - mean));
  };
  const auto grouped = [&](const MatrixXd& a, const MatrixXd& b) {
    return Grouped(a.cwiseProduct(b), group, directions);
  };
  const MatrixXd last = coordinates(path.denoised, path.States() - 1), other = NextColumn(last);
  final_ = grouped(last, last);
  other_final_ = NextColumn(final_);
  for (Index t = 0; t < path.States(); ++t) {
    const MatrixXd D = coordinates(path.denoised, t), x = coordinates(path.noisy, t);
    states_.push_back(
        {grouped(D, D), grouped(D, last), grouped(x, x), grouped(x, last), grouped(D, other)});
  }
}

PathCurves DirectionSums::Curves(const VectorXd& weights) const {
  const auto T = static_cast<Index>(states_.size()), m = final_.rows();
  PathCurves curves = {MatrixXd(T, m), MatrixXd(T, m), MatrixXd(T, m), MatrixXd(T, m)};
  const VectorXd last = final_ * weights, other = other_final_ * weights;
  for (Index t = 0; t < T; ++t) {
    const State& s = states_[static_cast<std::size_t>(t)];
    const VectorXd energy = s.energy * weights, state_energy = s.state_energy * weights;
    const auto correlation = [&](const MatrixXd& inner, const VectorXd& a, const VectorXd& b) {
      return (inner * weights).cwiseQuotient(a.cwiseProduct(b).cwiseSqrt()).transpose().eval();
    };
    curves.energy.row(t) = energy.cwiseQuotient(last).transpose();
    curves.correlation.row(t) = correlation(s.inner, energy, last);
    curves.state_correlation.row(t) = correlation(s.state_inner, state_energy, last);
    curves.chance.row(t) = correlation(s.other, energy, other);
  }
  return curves;
}

}  // namespace denoscope
