// What a run computes, as plain data that goes to files and comes back: independent of networks.
//
// Sizes: images (C,H,W), d = C H W; m PCA modes looked at, K leading eigenvectors kept, bands of
// the DCT (see theory/frequency/dct.h). A member that was not computed is empty, a scalar NaN.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/arrays/npy.h"
#include "denoscope/results/emergence_record.h"
#include "denoscope/results/evaluation_record.h"

namespace denoscope {

// The Jacobian J(i,j) = dD_i/dy_j of one denoiser at one point, summed up. mu_k, v_k: eigenpairs of
// (J + J^T)/2; s_k, left_k, right_k: singular triplets of J.
struct Spectrum {
  Eigen::VectorXd eigenvalues;      // mu_k, (d), descending
  Eigen::MatrixXf eigenvectors;     // v_k in columns, (d,K)
  Eigen::VectorXd singular_values;  // s_k, (d), descending
  Eigen::VectorXcd
      eigenvalues_complex;    // of J itself, (d), by falling modulus; only when asked for
  Eigen::VectorXd diagonal;   // J(i,i), (d); sigma^2 J(i,i): variance of a pixel, of an optimum
  Eigen::VectorXd pca_gain;   // u_k^T J u_k, (m)
  Eigen::VectorXd band_gain;  // mean of b^T J b over a band, (groups * bands)
  Eigen::VectorXd eigenvector_frequency;  // (K)
  Eigen::VectorXd left_right_cosine;      // |<left_k, right_k>|, (K): 1 where J is symmetric
  Eigen::VectorXd left_pca_cosine;   // cosines of the principal angles between span(left_0..K-1)
  Eigen::VectorXd right_pca_cosine;  //   (right) and span(u_0..K-1), (K), descending
  Eigen::MatrixXf pca_matrix;        // u_j^T J u_k of the leading modes, (r,r)
  Eigen::MatrixXf sketch, sketch_transpose;  // J G / sqrt s and J^T G / sqrt s, (d,s), G normal
  Eigen::MatrixXd foretold_gain;  // pca_gain at every noise level (S,m) by the Gaussian time update
  double mse = kNotComputed;      // |D - x|^2 / d
  double sure = kNotComputed;     // (|D - y|^2 - d sigma^2 + 2 sigma^2 tr J) / d
  double calibration = kNotComputed;  // sigma^2 tr J / d: the mean of mse if D is the optimum
  double trace = kNotComputed;
  double asymmetry = kNotComputed;           // |J - J^T|_F / |J|_F, 0 to 2
  double negative_mass = kNotComputed;       // sum |mu_k < 0| / sum |mu_k|
  double effective_rank = kNotComputed;      // (sum s)^2 / sum s^2
  double imaginary_share = kNotComputed;     // sum |Im| / sum |lambda| of the complex eigenvalues
  double homogeneity_defect = kNotComputed;  // |J y - D| / |D|
  // Shares of |J - J^T|_F^2 in the best antisymmetric (a b^T - b a^T)/2 with b along y - D, where a
  // guess of sigma acts, and along y, where homogeneity does; by chance 2/d.
  double blind_share = kNotComputed, homogeneous_share = kNotComputed;
  double blind_allowance = kNotComputed;  // these three: measure/surroundings.h
  double local_noise = kNotComputed, local_images = kNotComputed;
  double outside_mass = kNotComputed;  // sum of |mu| outside [0,1] over sum |mu|
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

}  // namespace denoscope
