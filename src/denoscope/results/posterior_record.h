// What a posterior study keeps, if the denoiser is the optimum D = E[x|y] and so sigma^2 J its
// posterior covariance Cov[x|y]: of one noisy image its leading components and its pixels, of one
// noise level how the errors of held-out images fall beside the variances foretold.
//
// Sizes: images (C,H,W), d = C H W; K components.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>
#include <vector>

#include "denoscope/results/evaluation_record.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

struct Posterior {
  std::int64_t image = 0, sigma_index = 0;
  double sigma = 0;
  Array clean, noisy, denoised;  // (C,H,W) float32
  // Of the leading eigenpairs mu_k, v_k of sym(J), in falling order.
  Eigen::VectorXd variances;        // sigma^2 mu_k, (K); negative where mu_k is
  Eigen::VectorXd variance_bounds;  // sigma^2 |sym(J) v_k - mu_k v_k|: an eigenvalue lies within
  Eigen::VectorXd angle_bounds;     // sines, see RitzPairs
  Eigen::VectorXd cluster_sizes;    // above 1: the span of so many, not each of them, is known
  Eigen::MatrixXf components;       // v_k, (d,K)
  std::int64_t converged = 0;       // of the K
  std::int64_t applications = 0;    // of J and its transpose, to columns
  std::string status;               // why the search stopped
  // sigma^2 J_ii, (d), of any sign; their standard errors, empty where they are exact.
  Eigen::VectorXd pixel_variances, pixel_errors;
  double total_variance = kNotComputed;  // sigma^2 tr J
  double total_error = 0;                // one standard error; 0 where it is exact
  double asymmetry = kNotComputed;       // |J - J^T|_F/|J|_F; only where all of J was computed

  Eigen::VectorXd Deviations() const;  // of pixels, sqrt(max(0, variance))
  double NegativeShare() const;        // of pixels with a variance below 0
  double SquaredError() const;         // |x - D|^2
  Eigen::VectorXd Shares() const;      // of the total, (K); NaN where the total is not above 0
};
Npz ToNpz(const Posterior& posterior);
Posterior PosteriorFromNpz(const Npz& npz, const std::string& source);

// For unit vectors b, a row an image and a column a direction.
struct DirectionErrors {
  std::string kind;           // "pca", "pixel", "component"
  Eigen::MatrixXd errors;     // b^T (x - D)
  Eigen::MatrixXd variances;  // sigma^2 b^T J b
};

struct Coverage {
  std::int64_t sigma_index = 0;
  double sigma = 0;
  std::vector<DirectionErrors> kinds;
  std::int64_t not_converged = 0;  // images of "component" whose search did not end
};
Npz ToNpz(const Coverage& coverage);
Coverage CoverageFromNpz(const Npz& npz, const std::string& source);

std::string CoverageName(double sigma);  // coverage_sig-0.100000

// In the order given, sigma by sigma; throws naming a unit that is missing. A Posterior is the unit
// of an image (ImageUnitName).
std::vector<Posterior> ReadPosteriors(const RunFolder& run,
                                      const std::vector<std::int64_t>& images,
                                      const std::vector<double>& sigmas);
std::vector<Coverage> ReadCoverages(const RunFolder& run, const std::vector<double>& sigmas);

}  // namespace denoscope
