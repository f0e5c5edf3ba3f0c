// What denoising many held-out images at one noise level shows.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <limits>
#include <string>

#include "denoscope/arrays/npy.h"

namespace denoscope {

constexpr double kNotComputed = std::numeric_limits<double>::quiet_NaN();

// With fewer images, or samples, a spread over them says next to nothing: no intervals, and
// standard errors are NaN.
constexpr std::int64_t kLeastImages = 8;

// m PCA modes, G bands of the DCT (groups x bands, theory/frequency/dct.h). Replicates are of
// images drawn with replacement, (R,m) or (R,G): replicate r draws the same images at every noise
// level.
struct Evaluation {
  std::int64_t sigma_index = 0, images = 0;
  double sigma = 0;
  double mse = kNotComputed, mse_error = kNotComputed;  // per pixel, and its standard error
  double linear_mse = kNotComputed, linear_mse_error = kNotComputed;
  double ratio_error = kNotComputed;  // standard error of mse / linear_mse, images paired
  // 1 - E|D - W|^2 / E|D - E D|^2: the share of the variance of D that Wiener's W explains.
  double linear_explained = kNotComputed;
  // R_k = 1 - E[(u_k^T (x - D))^2] / E[(u_k^T (x - m))^2] over the images, (m).
  Eigen::VectorXd resolved, linear_resolved;
  Eigen::VectorXd mode_error, linear_mode_error;  // E[(u_k^T (x - D))^2], (m)
  Eigen::MatrixXf replicates, linear_replicates;  // of R_k
  // The same of all basis vectors of a band together; their mean variance E[(b^T (x - m))^2].
  Eigen::VectorXd band_resolved, linear_band_resolved, band_variance;  // (G)
  Eigen::MatrixXf band_replicates, linear_band_replicates;
  // From a product with J an image (measure/calibration.h): E[u_k^T J u_k], (m), one standard
  // error of it; that of sigma^2 E[u_k^T J u_k] / E[(u_k^T (x - D))^2], images paired;
  // sigma^2 E tr J / E|x - D|^2; |J - W|_F / |W|_F.
  Eigen::VectorXd gain, gain_error, mode_calibration_error;
  Eigen::MatrixXf gain_replicates;
  double calibration = kNotComputed, calibration_error = kNotComputed;
  double distance = kNotComputed, distance_error = kNotComputed;
};
Npz ToNpz(const Evaluation& evaluation);
Evaluation EvaluationFromNpz(const Npz& npz, const std::string& source);

}  // namespace denoscope
