// The ratio of two means over the same images, which go together and so mostly cancel.
#pragma once

#include <Eigen/Dense>
#include <cmath>

namespace denoscope {

struct MeanRatio {
  double value = 0;
  double error = 0;  // one standard error, by the delta method
};

// Mean of a over mean of b, one value an image, at least 2.
inline MeanRatio RatioOfMeans(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  const auto n = static_cast<double>(a.size());
  const double ratio = a.mean() / b.mean();
  const double residual = (a - ratio * b).squaredNorm() / (n - 1);
  return {ratio, std::sqrt(residual / n) / std::abs(b.mean())};
}

}  // namespace denoscope
