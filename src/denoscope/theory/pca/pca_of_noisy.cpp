#include "denoscope/theory/pca/pca_of_noisy.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/base/random.h"
#include "denoscope/linalg/dense_spectrum.h"
#include "denoscope/theory/pca/noisy_source.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void Check(const Pca& clean, double sigma) {
  const Index d = clean.mean.size();
  if (clean.n < 2 || clean.eigenvalues.size() != d || clean.basis.rows() != d ||
      clean.basis.cols() != d) {
    throw Error(
        "pca of noisy images: {} eigenvalues and basis ({},{}) of {} samples, expected all {} of 2",
        clean.eigenvalues.size(),
        clean.basis.rows(),
        clean.basis.cols(),
        clean.n,
        d);
  }
  if (!(std::isfinite(sigma) && sigma > 0)) {
    throw Error("pca of noisy images: sigma is {}, expected a finite number above 0", sigma);
  }
}

MatrixXd Normals(Index rows, Index cols, RandomStream& random) {
  MatrixXd Z(rows, cols);
  for (Index i = 0; i < Z.size(); ++i) Z.data()[i] = random.Normal();
  return Z;
}

// Lower triangle of (n - 1) Cov(Y).
MatrixXd NoisyScatter(const Pca& clean, double sigma, RandomStream& random) {
  const Index d = clean.mean.size(), q = std::min<Index>(d, clean.n - 1);
  const double divisor = static_cast<double>(clean.n - 1);
  const VectorXd lengths = (divisor * clean.eigenvalues.head(q)).cwiseSqrt();
  const MatrixXd noisy =
      clean.basis.leftCols(q) * lengths.asDiagonal() + sigma * Normals(d, q, random);
  MatrixXd scatter = MatrixXd::Zero(d, d);
  scatter.selfadjointView<Eigen::Lower>().rankUpdate(noisy);
  if (const Index rest = clean.n - 1 - q; rest > 0) {
    const GaussianSource white(VectorXd::Ones(d));
    const MatrixXd factor = white.NoisyFactor(rest + 1, 0, random).cast<double>();
    scatter.selfadjointView<Eigen::Lower>().rankUpdate(factor, sigma * sigma);
  }
  return scatter;
}

}  // namespace

Pca PcaOfNoisy(const Pca& clean, double sigma, std::uint64_t seed) {
  Check(clean, sigma);
  RandomStream random(seed, "pca of noisy images");
  const double n = static_cast<double>(clean.n);
  Pca noisy;
  noisy.n = clean.n;
  noisy.mean = clean.mean + sigma / std::sqrt(n) * Normals(clean.mean.size(), 1, random);
  SymmetricEigen<double> eigen =
      EigenSymmetric<double>(NoisyScatter(clean, sigma, random) / (n - 1));
  noisy.eigenvalues = eigen.values.cwiseMax(0.0);  // rounding alone makes them negative
  noisy.basis = std::move(eigen.vectors);
  return noisy;
}

}  // namespace denoscope
