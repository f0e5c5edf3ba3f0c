// Linear denoisers on orthonormal directions v_k, true or estimated, y = x + sigma z:
//   D(y) = m + sum_k g_k v_k v_k^T (y - m).
// On fresh samples the error depends on the directions through the variance e_k = v_k^T Sigma v_k
// the data have along them alone:
//   E|x - D|^2 = tr Sigma - 2 sum g_k e_k + sum g_k^2 (e_k + sigma^2),
// least at g_k = e_k / (e_k + sigma^2). With r directions:
//   projection  g = 1 (the paper's): sigma^2 r + tr Sigma - sum e_k; on PCA's
//               sigma^2 r + sum_{k >= r} lambda_k, the least of all rank-r orthogonal projections;
//   wiener      true directions, e_k = lambda_k: WienerGains(lambda, sigma);
//   shrunk      estimated directions, e_k < lambda_k: WienerGains(e, sigma), a smaller gain.
// e needs the true Sigma. From n noisy samples alone it is taken from their eigenvalue L: with
// l = L/sigma^2 above the edge (1 + sqrt(gamma))^2 of the noise, gamma = d/n,
//   t = [(l-1-gamma) + sqrt((l-1-gamma)^2 - 4 gamma)] / 2,  c2 = (1 - gamma/t^2)/(1 + gamma/t),
//   e / sigma^2 = t c2; 0 within the noise: right for few, well separated directions.
// Errors here are per pixel, as WienerMse. Source: Donoho, Gavish & Johnstone 2018, sec. 1.
#pragma once

#include <Eigen/Dense>

#include "denoscope/theory/pca/pca.h"

namespace denoscope {

Eigen::VectorXd ProjectionGains(Eigen::Index modes, Eigen::Index rank);  // 1 below rank, then 0
double ProjectionMse(const Eigen::VectorXd& lambda, Eigen::Index rank, double sigma);

// e_k = v_k^T Sigma v_k for the columns of V (d,r), Sigma by its principal components.
Eigen::VectorXd VariancesAlong(const Pca& pca, const Eigen::MatrixXd& V);
// e_k from the eigenvalues of n noisy samples in d dimensions, gamma = d/n.
Eigen::VectorXd DebiasedVariances(const Eigen::VectorXd& noisy_eigenvalues,
                                  double gamma,
                                  double sigma);

// What the error depends on besides the gains. `along` may come from VariancesAlong, or be lambda.
struct DirectionVariances {
  Eigen::VectorXd along;  // e_k, (r)
  double total = 0;       // tr Sigma, >= sum of e
  Eigen::Index size = 0;  // d
};
double GainMse(const DirectionVariances& variances, const Eigen::VectorXd& gains, double sigma);

}  // namespace denoscope
