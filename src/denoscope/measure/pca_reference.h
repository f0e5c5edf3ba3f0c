// The reference of a PCA study: principal components of a data set's reference images, what they
// are worth on other images, and the two files' boundary to Eigen.
//
// Up to d = 4096 the whole covariance goes to LAPACK; beyond it the leading K modes are found by
// passes over the images (leading_pca.h) and the rest of the spectrum is completed by a power law
// from their total variance (power_law.h): a guess, and recorded as one.
//
// Standard error of an eigenvalue: that of the mean of (u_k^T (x - m))^2 over the images, which
// holds for any distribution. Wiener's error on held-out images, for a linear denoiser with gains g
// on the modes, averages over noise exactly:
//   E_z|x - D|^2 = sum_k [(1 - g_k)^2 (u_k^T (x - m))^2 + sigma^2 g_k^2] + what no mode holds,
// so that its standard error is that over images.
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "denoscope/data/image_set.h"
#include "denoscope/results/records.h"
#include "denoscope/theory/pca/sample_source.h"

namespace denoscope {

struct PcaReference {
  Reference record;                              // mean, lambda (d), basis (d,K), frequency (K)
  Eigen::Index measured = 0;                     // eigenvalues computed; those beyond are completed
  double total_variance = 0;                     // tr Sigma
  Eigen::VectorXd lambda_error;                  // one standard error, (K)
  Eigen::VectorXd residuals;                     // |Sigma u - lambda u|, (K)
  Eigen::VectorXd sigmas;                        // noise levels of the study, ascending
  Eigen::VectorXd held_out_mse, held_out_error;  // Wiener's, per pixel, by sigma; standard error
  Eigen::Index held_out_modes = 0;               // modes that it uses: all measured ones
};
Npz ToNpz(const PcaReference& reference);
PcaReference PcaReferenceFromNpz(const Npz& npz, const std::string& source);

// The images in blocks, (d,n).
SampleSource SourceOf(const ImageSet& images);

struct PcaReferenceOptions {
  Eigen::Index modes = 64;          // K, 1 to min(d, n - 1)
  Eigen::Index exact_up_to = 4096;  // d
  std::vector<double> sigmas;       // empty: automatic
  std::uint64_t seed = 0;           // of the block Krylov's start
};
PcaReference MakePcaReference(const ImageSet& images,
                              const ImageSet& held_out,
                              const PcaReferenceOptions& options);

}  // namespace denoscope
