// Comparing what is unique: subspaces by principal angles, vectors up to sign. That columns are
// orthonormal is the caller's duty and not checked; cosines are clipped to [0,1].
#pragma once

#include <Eigen/Dense>

namespace denoscope {

// Cosines of the principal angles between the spans of U (d,r) and V (d,s), both with orthonormal
// columns: singular values of U^T V, (min(r,s)), descending. Source: Bjorck & Golub 1973.
Eigen::VectorXd PrincipalCosines(const Eigen::MatrixXd& U, const Eigen::MatrixXd& V);

// |<u_k, v_k>| for each column.
Eigen::VectorXd MatchedCosines(const Eigen::MatrixXd& U, const Eigen::MatrixXd& V);

}  // namespace denoscope
