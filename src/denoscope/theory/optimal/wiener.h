// The Wiener denoiser, the linear optimum in mean squared error:
//   D(y) = m + sum_k g_k u_k u_k^T (y - m),  g_k = lambda_k / (lambda_k + sigma^2).
// Its Jacobian is W = sum_k g_k u_k u_k^T, tr W = sum g_k, its MSE sigma^2 tr W; mode k is half
// resolved at sigma = sqrt(lambda_k). sigma > 0 on the scale of the images. Source: Wiener 1949.
#pragma once

#include <Eigen/Dense>

#include "denoscope/theory/pca/pca.h"

namespace denoscope {

Eigen::VectorXd WienerGains(const Eigen::VectorXd& lambda, double sigma);  // (d)
Eigen::MatrixXd WienerMatrix(const Pca& pca, double sigma);                // (d,d)
double WienerMse(const Eigen::VectorXd& lambda, double sigma);             // per pixel, expected

// The noise levels of a sweep when none are given: `count` levels, geometric from 0.02 to
// 3 sqrt(lambda_0), so that the leading mode is seen to halve.
Eigen::VectorXd AutomaticSigmas(const Eigen::VectorXd& lambda, int count = 12);

}  // namespace denoscope
