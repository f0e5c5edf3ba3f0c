// The assignment of rows to columns with the largest total score, by shortest augmenting paths with
// dual prices: O(K^3), milliseconds at K = 200. Source: Jonker & Volgenant 1987; Kuhn 1955.
#pragma once

#include <Eigen/Dense>

namespace denoscope {

// For each row of `scores` (K,K) its column, every column once. Throws unless square and finite.
Eigen::VectorXi BestAssignment(const Eigen::MatrixXd& scores);

}  // namespace denoscope
