// How far apart two arrays of the same shape are: NaN, which is below no bound, where an entry is.
#pragma once

#include <torch/types.h>

#include <Eigen/Dense>

namespace denoscope {

// The largest |a - b| of the entries.
inline double LargestDifference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

template <typename A, typename B>
double LargestDifference(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b) {
  return (a.eval() - b.eval()).cwiseAbs().template maxCoeff<Eigen::PropagateNaN>();
}

// The same over the largest |b|.
inline double RelativeDifference(const torch::Tensor& a, const torch::Tensor& b) {
  return LargestDifference(a, b) / b.abs().max().item<double>();
}

template <typename A, typename B>
double RelativeDifference(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b) {
  return LargestDifference(a, b) / b.cwiseAbs().maxCoeff();
}

}  // namespace denoscope
