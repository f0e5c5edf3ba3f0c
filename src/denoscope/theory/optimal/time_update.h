// What one posterior covariance foretells of another noise level, if x were Gaussian: then
// J = Sigma (Sigma + s^2)^-1 at every level, Sigma = s^2 J (I - J)^-1, and at t
//   J_t = J (J + (t^2/s^2) (I - J))^-1,
// with the eigenvectors of J. Source: the time update of Rissanen et al. 2025 (Free Hunch).
#pragma once

#include <Eigen/Dense>

namespace denoscope {

// Eigenvalues at noise level `to` of those at `from`, which are clipped to [0,1]: no Gaussian has
// others. Throws unless both levels are positive.
Eigen::VectorXd GaussianTimeUpdate(const Eigen::VectorXd& eigenvalues, double from, double to);

}  // namespace denoscope
