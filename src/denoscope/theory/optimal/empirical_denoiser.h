// The empirical-optimal denoiser: the least mean squared error when the clean image is one of n
// given samples x_i, each as likely. It memorises: as sigma falls it returns the nearest sample.
//   D(y) = sum_i w_i x_i,  w = softmax_i(-|y - x_i|^2 / (2 sigma^2)),
//   J = dD/dy = Cov_w[x] / sigma^2 = sum_i w_i (x_i - D)(x_i - D)^T / sigma^2:
// symmetric, positive semi-definite, its eigenvalues above 1 between samples, and 0 once one
// sample has all the weight. D is the posterior mean, so Tweedie holds: D = y + sigma^2 grad log p
// of the mixture p of Gaussians around the samples.
//
// Samples are streamed; D takes one pass, with the sums rescaled whenever a nearer sample turns up,
// so that no exponential overflows. Distances are |x|^2 - 2 x y + |y|^2 in float64: a log weight
// errs by about 1e-16 |x|^2 / sigma^2. Cost: 4 n d b flops for b columns of y; J adds 2 n' d^2 for
// the n' samples that have any weight.
#pragma once

#include <Eigen/Dense>

#include "denoscope/theory/pca/sample_source.h"

namespace denoscope {

struct EmpiricalEstimate {
  Eigen::MatrixXd denoised;           // D, (d,b)
  Eigen::VectorXd log_sum;            // (b), log sum_i exp(-|y - x_i|^2 / (2 sigma^2))
  Eigen::VectorXd effective_samples;  // (b), 1 / sum w^2: 1 of a memorised image, n of none
};
EmpiricalEstimate EmpiricalDenoise(const SampleSource& samples,
                                   const Eigen::MatrixXd& Y,
                                   double sigma);

// At one y (d); two passes. The product with V (d,b) does not need the matrix (d,d).
Eigen::MatrixXd EmpiricalJacobian(const SampleSource& samples,
                                  const Eigen::VectorXd& y,
                                  double sigma);
Eigen::MatrixXd EmpiricalJacobianTimes(const SampleSource& samples,
                                       const Eigen::VectorXd& y,
                                       double sigma,
                                       const Eigen::MatrixXd& V);

}  // namespace denoscope
