// Mixtures of Gaussians drawn by the test, and images drawn from them.
#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <cstdint>

#include "denoscope/base/random.h"
#include "denoscope/theory/optimal/mixture_denoiser.h"
#include "tests/support/random_matrix.h"

namespace denoscope {

// Means around 1/2, `apart` from it along every direction; deviations from 0.5 down to 0.5/d, each
// component with axes of its own; weights in proportion to 1, 2, ..
inline GaussianMixture RandomMixture(Eigen::Index d, int components, double apart = 0.25) {
  GaussianMixture mixture;
  const double whole = components * (components + 1) / 2.0;
  for (int i = 0; i < components; ++i) {
    RandomStream random(4, "tests/mixture", static_cast<std::uint64_t>(i));
    MixtureComponent component;
    component.weight = (i + 1) / whole;
    component.pca.n = 100;
    component.pca.mean = 0.5 + apart * RandomNormals(d, 1, random).array();
    component.pca.eigenvalues =
        (0.5 / Eigen::ArrayXd::LinSpaced(d, 1, static_cast<double>(d))).square();
    component.pca.basis = RandomNormals(d, d, random).householderQr().householderQ();
    mixture.components.push_back(component);
  }
  return mixture;
}

// x in columns, (d,n).
inline Eigen::MatrixXd DrawFrom(const GaussianMixture& mixture,
                                Eigen::Index n,
                                std::uint64_t seed) {
  RandomStream random(seed, "tests/mixture samples");
  Eigen::MatrixXd X(mixture.Size(), n);
  for (Eigen::Index j = 0; j < n; ++j) {
    double left = random.Uniform();
    std::size_t i = 0;
    while (i + 1 < mixture.components.size() && (left -= mixture.components[i].weight) >= 0) ++i;
    const Pca& pca = mixture.components[i].pca;
    X.col(j) = pca.mean + pca.basis * pca.eigenvalues.cwiseSqrt().asDiagonal() *
                              RandomNormals(mixture.Size(), 1, random);
  }
  return X;
}

}  // namespace denoscope
