// What a run computes, as plain data that goes to files and comes back: independent of networks.
//
// Sizes: images (C,H,W), d = C H W; m PCA modes looked at, K leading eigenvectors kept, bands of
// the DCT (see theory/dct.h). A member that was not computed is empty, a scalar NaN.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/files/csv.h"
#include "denoscope/files/npy.h"

namespace denoscope {

constexpr double kNotComputed = std::numeric_limits<double>::quiet_NaN();

// The Jacobian J(i,j) = dD_i/dy_j of one denoiser at one point, summed up. mu_k, v_k: eigenpairs of
// (J + J^T)/2; s_k, left_k, right_k: singular triplets of J.
struct Spectrum {
  Eigen::VectorXd eigenvalues;      // mu_k, (d), descending
  Eigen::MatrixXf eigenvectors;     // v_k in columns, (d,K)
  Eigen::VectorXd singular_values;  // s_k, (d), descending
  Eigen::VectorXcd
      eigenvalues_complex;    // of J itself, (d), by falling modulus; only when asked for
  Eigen::VectorXd pca_gain;   // u_k^T J u_k, (m)
  Eigen::VectorXd band_gain;  // mean of b^T J b over a band, (groups * bands)
  Eigen::VectorXd eigenvector_frequency;  // (K)
  Eigen::VectorXd left_right_cosine;      // |<left_k, right_k>|, (K): 1 where J is symmetric
  Eigen::VectorXd left_pca_cosine;    // cosines of the principal angles between span(left_0..K-1)
  Eigen::VectorXd right_pca_cosine;   //   (right) and span(u_0..K-1), (K), descending
  double mse = kNotComputed;          // |D - x|^2 / d
  double sure = kNotComputed;         // (|D - y|^2 - d sigma^2 + 2 sigma^2 tr J) / d
  double calibration = kNotComputed;  // sigma^2 tr J / d: the mean of mse if D is the optimum
  double trace = kNotComputed;
  double asymmetry = kNotComputed;           // |J - J^T|_F / |J|_F, 0 to 2
  double negative_mass = kNotComputed;       // sum |mu_k < 0| / sum |mu_k|
  double effective_rank = kNotComputed;      // (sum s)^2 / sum s^2
  double imaginary_share = kNotComputed;     // sum |Im| / sum |lambda| of the complex eigenvalues
  double homogeneity_defect = kNotComputed;  // |J y - D| / |D|
};

// Scalars by name in a fixed order: the columns of summary.csv.
std::vector<std::pair<std::string, double>> Scalars(const Spectrum& spectrum);

struct Cell {  // one image, one noise level, one draw of noise
  std::int64_t image = 0, draw = 0, sigma_index = 0;
  double sigma = 0;
  Array clean, noisy, denoised, linear_denoised;  // (C,H,W) float32; the last may be empty
  Spectrum deep;
  Spectrum linear;  // of the Wiener denoiser; not computed without a training set
  bool HasLinear() const { return linear.eigenvalues.size() > 0; }
};
Npz ToNpz(const Cell& cell);
Cell CellFromNpz(const Npz& npz, const std::string& source);

// Denoising of many held-out images at one noise level, forwards only.
struct Evaluation {
  std::int64_t sigma_index = 0, images = 0;
  double sigma = 0;
  double mse = kNotComputed, mse_error = kNotComputed;  // per pixel, and its standard error
  double linear_mse = kNotComputed, linear_mse_error = kNotComputed;
  double ratio_error = kNotComputed;  // standard error of mse / linear_mse, images paired
  // R_k = 1 - E[(u_k^T (x - D))^2] / E[(u_k^T (x - m))^2] over the images, (m); and the same over
  // images drawn with replacement, (replicates, m): replicate r draws the same images at each
  // sigma.
  Eigen::VectorXd resolved, linear_resolved;
  Eigen::VectorXd mode_error, linear_mode_error;  // E[(u_k^T (x - D))^2], (m)
  Eigen::MatrixXf replicates, linear_replicates;
};
Npz ToNpz(const Evaluation& evaluation);
Evaluation EvaluationFromNpz(const Npz& npz, const std::string& source);

// What the figures need to know of the data.
struct Reference {
  Shape image_shape;   // C,H,W
  std::int64_t n = 0;  // training images behind mean, lambda, basis; 0: no training set
  std::string data_sha256;
  Eigen::VectorXd mean, lambda;  // (d), descending
  Eigen::MatrixXf basis;         // u_k in columns, (d,m)
  Eigen::VectorXd frequency;     // of u_k, (m)
  Eigen::VectorXd band_centre;   // (bands)
  std::int64_t band_groups = 1;
};
Npz ToNpz(const Reference& reference);
Reference ReferenceFromNpz(const Npz& npz, const std::string& source);

// The noise level at which something falls to one half, over sigma.
struct HalfLevel {
  double sigma = kNotComputed;                     // NaN when censored
  double low = kNotComputed, high = kNotComputed;  // 95 % interval; NaN when there is none
  std::string censored = "not_computed";           // none|below|above|no_crossing|not_computed
};

struct ModeHalves {
  HalfLevel resolved;       // resolved variance over held-out images: the primary measure
  HalfLevel gain;           // mean u_k^T J u_k over the cells
  HalfLevel gain_relative;  // the same divided by its value at the smallest sigma
};

// Statistics of log sigma_half over the modes with an uncensored level.
struct EmergenceStatistics {
  std::string denoiser, measure;  // "deep"|"linear"; "resolved"|"gain"|"gain_relative"
  std::int64_t modes = 0, censored = 0;
  double rank_lambda = kNotComputed;        // Spearman with lambda
  double rank_frequency = kNotComputed;     // Spearman with frequency
  double partial_frequency = kNotComputed;  // the same given lambda
  double slope = kNotComputed;              // of log sigma_half on log lambda; Wiener: 1/2
  double spread = kNotComputed;             // standard deviation of log sigma_half
};

struct Emergence {
  Eigen::VectorXd lambda, frequency, sigma_critical;  // (m)
  std::vector<ModeHalves> deep, linear;               // (m)
  std::vector<EmergenceStatistics> statistics;
  Eigen::VectorXd sigmas;                     // (S), ascending
  Eigen::MatrixXd resolved, linear_resolved;  // (S,m), empty without an evaluation
  Eigen::MatrixXd gain, linear_gain;          // (S,m), mean over cells
  Eigen::MatrixXd mode_error;                 // (S,m): calibrated if equal to sigma^2 times gain
  Eigen::MatrixXd image_halves;               // (images,m): gain_relative of each image alone
};
Npz ToNpz(const Emergence& emergence);
Table EmergenceTable(const Emergence& emergence);
Table StatisticsTable(const std::vector<EmergenceStatistics>& statistics);
Emergence EmergenceFromFiles(const Npz& modes, const Table& table, const Table& statistics);

}  // namespace denoscope
