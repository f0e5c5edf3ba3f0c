// What a denoiser's Jacobian says of its own error, against the error that it makes. For the
// least-squares optimum, in every direction b,
//
//   E[(b^T (x - D))^2] = sigma^2 E[b^T J b],
//
// and so E|x - D|^2 = sigma^2 E tr J. That is necessary and not sufficient: the best multiple of
// y passes as a whole and fails mode by mode.
//
// Each image gives one product J^T z with a z of its own of independent random signs in the basis
// of the modes, so that (u_k^T z)(u_k^T J^T z) has the mean u_k^T J u_k for all k at once (Bekas,
// Kokiopoulou, Saad 2007), z^T J^T z the mean tr J and |J^T z - W z|^2 the mean |J - W|_F^2
// (Hutchinson 1990). The spread over images has that of the z in it.
#pragma once

#include "denoscope/measure/evaluation.h"
#include "denoscope/measure/ratio_of_means.h"

namespace denoscope {

struct Calibration {
  std::int64_t images = 0;
  double sigma = 0;
  MeanRatio whole;                  // sigma^2 E tr J / E|x - D|^2
  Eigen::VectorXd gains;            // E[u_k^T J u_k], (m)
  Eigen::VectorXd gain_errors;      // one standard error
  Eigen::MatrixXf gain_replicates;  // over the images of BootstrapCounts, (replicates, m)
  Eigen::VectorXd ratios;           // sigma^2 E[u_k^T J u_k] / E[(u_k^T (x - D))^2], (m)
  Eigen::VectorXd ratio_errors;     // one standard error
  MeanRatio distance{kNotComputed, kNotComputed};  // sqrt(E|J - W|_F^2 / |W|_F^2) to Wiener's
  // E<x - m, D - m> / E|D - m|^2: 1 for an optimum, above where D shrinks too much, below where it
  // keeps noise.
  MeanRatio slope{kNotComputed, kNotComputed};
};

// The images and noise are those of Evaluate; a forward and a backward each. Of the directions the
// basis and the mean count, and either may be empty: then without its part. Throws as Evaluate
// does, and for a denoiser without derivatives.
Calibration Calibrate(const EvaluationInput& input,
                      const Directions& directions,
                      const NoiseLevel& level,
                      const EvaluationOptions& options);

}  // namespace denoscope
