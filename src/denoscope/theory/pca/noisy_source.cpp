#include "denoscope/theory/pca/noisy_source.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/base/normals.h"
#include "denoscope/theory/pca/eigenvalues.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;
using Eigen::VectorXd;
using Eigen::VectorXf;

constexpr Index kFewDegrees = 8;

MatrixXf Normals(Index rows, Index cols, RandomStream& random) {
  MatrixXf X(rows, cols);
  FillNormals(random, X.data(), static_cast<std::size_t>(X.size()));
  return X;
}

// A draw of the gamma distribution, shape >= 1: Marsaglia & Tsang 2000.
double Gamma(double shape, RandomStream& random) {
  const double a = shape - 1.0 / 3, c = 1 / std::sqrt(9 * a);
  while (true) {
    const double x = random.Normal(), root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(1 - random.Uniform()) < 0.5 * x * x + a * (1 - v + std::log(v))) return a * v;
  }
}

double Chi(Index degrees, RandomStream& random) {
  if (degrees >= kFewDegrees)
    return std::sqrt(2 * Gamma(0.5 * static_cast<double>(degrees), random));
  double sum = 0;
  for (Index i = 0; i < degrees; ++i) {
    const double x = random.Normal();
    sum += x * x;
  }
  return std::sqrt(sum);
}

void CheckCount(Index n) {
  if (n < 2) throw Error("noisy samples: n is {}, expected at least 2", n);
}

// X H without its first column, H the reflection that turns the axis of equal entries into the
// first: columns of which the scatter is that of the centred columns of X.
MatrixXf DropMean(const MatrixXf& X) {
  const Index n = X.cols();
  VectorXf v = VectorXf::Constant(n, 1 / std::sqrt(static_cast<float>(n)));
  v(0) += 1;
  const VectorXf image = X * v * (2 / v.squaredNorm());
  return X.rightCols(n - 1) - image * v.tail(n - 1).transpose();
}

}  // namespace

MatrixXf NoisySource::NoisyFactor(Index n, double sigma, RandomStream& random) const {
  MatrixXf factor = CleanFactor(n, random);
  factor += static_cast<float>(sigma) * Normals(factor.rows(), factor.cols(), random);
  return factor;
}

GaussianSource::GaussianSource(VectorXd lambda) : lambda_(std::move(lambda)) {
  CheckDescending(lambda_);
}

MatrixXf GaussianSource::CleanFactor(Index n, RandomStream& random) const {
  CheckCount(n);
  const VectorXf deviations = lambda_.cwiseSqrt().cast<float>();
  return deviations.asDiagonal() * Normals(Dimension(), n - 1, random);
}

MatrixXf GaussianSource::NoisyFactor(Index n, double sigma, RandomStream& random) const {
  CheckCount(n);
  const Index d = Dimension(), columns = std::min(d, n - 1);
  MatrixXf factor = MatrixXf::Zero(d, columns);
  for (Index j = 0; j < columns; ++j) {
    factor(j, j) = static_cast<float>(Chi(n - 1 - j, random));
    FillNormals(random, &factor(j, j) + 1, static_cast<std::size_t>(d - 1 - j));
  }
  const VectorXf deviations = (lambda_.array() + sigma * sigma).sqrt().cast<float>();
  return deviations.asDiagonal() * factor;
}

EmpiricalSource::EmpiricalSource(MatrixXf samples) : samples_(std::move(samples)) {
  if (samples_.rows() == 0 || samples_.cols() < 2) {
    throw Error(
        "samples: shape is ({},{}), expected at least 2 columns", samples_.rows(), samples_.cols());
  }
  if (!samples_.allFinite()) throw Error("samples: a value is not finite");
  if ((samples_.colwise() - samples_.col(0)).cwiseAbs().maxCoeff() == 0) {
    throw Error("samples: all {} are equal, expected data that are not constant", samples_.cols());
  }
}

MatrixXf EmpiricalSource::CleanFactor(Index n, RandomStream& random) const {
  CheckCount(n);
  if (n > samples_.cols()) {
    throw Error(
        "noisy samples: n is {}, expected at most the {} samples given", n, samples_.cols());
  }
  if (n == samples_.cols()) return DropMean(samples_);
  const std::vector<std::int64_t> order = random.Permutation(samples_.cols());
  MatrixXf chosen(samples_.rows(), n);
  for (Index i = 0; i < n; ++i) chosen.col(i) = samples_.col(order[static_cast<std::size_t>(i)]);
  return DropMean(chosen);
}

}  // namespace denoscope
