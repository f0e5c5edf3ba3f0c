// PCA of n noisy samples, simulated: what spiked_covariance.h and anisotropic_spikes.h predict.
//
// A trial draws y_i = x_i + sigma z_i (learning_trials.h), centres them on their own mean and takes
// the leading K eigenpairs (L_k, u_hat_k) of their covariance, divisor n - 1; its law is that of
// n - 1 samples of known mean, to be compared with gamma = d/(n - 1). The true directions are the
// first axes: cos^2 is an entry of u_hat_k.
//
// Cost a trial: d n normals (17 ns each), the Gram matrix of the smaller side s = min(d, n), d n s
// flops, its leading pairs by reduction to tridiagonal form, 4/3 s^3. Memory 8 (2 d n + 2 s^2)
// bytes.
#pragma once

#include <Eigen/Dense>
#include <cstdint>

#include "denoscope/base/progress.h"
#include "denoscope/theory/spiked/learning_trials.h"

namespace denoscope {

struct NoisyPcaOptions {
  double sigma = 0;         // > 0
  Eigen::Index count = 1;   // K, 1 <= K <= min(r, n - 1)
  bool whole_bulk = false;  // all d eigenvalues, those beyond n - 1 being 0: the histogram's
  std::int64_t trials = 100;

  void Check(const Population& population) const;
};

struct NoisyPcaTrial {
  Eigen::VectorXd eigenvalues;  // L_k, (K), descending
  Eigen::VectorXd cos2;         // <u_hat_k, u_k>^2, (K)
  Eigen::VectorXd signal;       // u_hat_k^T Sigma u_hat_k, (K): the variance it really carries
  // Principal angles between the spans of the K estimated and the K true directions: cosines
  // squared, (K), descending.
  Eigen::VectorXd subspace_cos2;
  Eigen::VectorXd bulk;  // (d), descending; empty unless asked for
};
NoisyPcaTrial RunNoisyPcaTrial(const Population& population,
                               const NoisyPcaOptions& options,
                               std::int64_t trial);

struct NoisyPca {
  Eigen::Index d = 0;
  std::int64_t n = 0;
  double sigma = 0;
  TrialMean eigenvalues, cos2, sin_theta, signal, subspace_cos2;  // each (K,1)
  Eigen::MatrixXd bulk;  // (d, trials), of every trial; empty unless asked for
};
NoisyPca SimulateNoisyPca(const Population& population,
                          const NoisyPcaOptions& options,
                          const ProgressSink& progress = {});

}  // namespace denoscope
