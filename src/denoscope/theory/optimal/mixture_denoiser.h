// The optimum for a mixture of Gaussians, p(x) = sum_i pi_i N(m_i, Sigma_i): its posterior is a
// mixture of Gaussians too, and with it D and J are known exactly. With l and u the eigenpairs of
// Sigma_i,
//   w_i(y) ~ pi_i N(y; m_i, Sigma_i + sigma^2 I), of sum 1: the chance of component i given y,
//   D_i(y) = m_i + sum_k l_k/(l_k + sigma^2) u_k u_k^T (y - m_i): Wiener's (wiener.h),
//   C_i    = sigma^2 sum_k l_k/(l_k + sigma^2) u_k u_k^T: the covariance of x given i and y,
//   D      = sum_i w_i D_i,
//   J      = Cov[x|y]/sigma^2 = [sum_i w_i C_i + sum_i w_i (D_i - D)(D_i - D)^T] / sigma^2:
// symmetric, positive semi-definite, its eigenvalues above 1 where components compete. One
// component is Wiener's denoiser; Sigma_i = 0 throughout is the empirical one.
//
// Log weights are compared before they are raised, so that none overflows; they err by about
// 1e-16 |y - m_i|^2/sigma^2. Cost: 4 d^2 flops a component and column of y; J adds 2 d^3.
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "denoscope/theory/pca/pca.h"

namespace denoscope {

struct MixtureComponent {
  double weight = 0;  // pi_i > 0; the sum over components is taken as 1
  Pca pca;            // mean m_i, eigenvalues (d) and basis (d,d) of Sigma_i, n images behind it
};

struct GaussianMixture {
  std::vector<MixtureComponent> components;

  Eigen::Index Size() const;  // d
  void Check() const;         // throws naming the component that is not as said above
};

struct MixtureEstimate {
  Eigen::MatrixXd denoised;     // D, (d,b)
  Eigen::MatrixXd weights;      // w, (components, b)
  Eigen::VectorXd log_density;  // (b), log of the density of y
};
MixtureEstimate MixtureDenoise(const GaussianMixture& mixture,
                               const Eigen::MatrixXd& Y,
                               double sigma);

// D_i at one y, (d, components).
Eigen::MatrixXd ComponentEstimates(const GaussianMixture& mixture,
                                   const Eigen::VectorXd& y,
                                   double sigma);
// b^T C_i b for the columns b of B (d,b): (components, b). Does not depend on y.
Eigen::MatrixXd ComponentVariances(const GaussianMixture& mixture,
                                   const Eigen::MatrixXd& B,
                                   double sigma);

// At one y (d). The product with V (d,b) does not need the matrix (d,d).
Eigen::MatrixXd MixtureJacobian(const GaussianMixture& mixture,
                                const Eigen::VectorXd& y,
                                double sigma);
Eigen::MatrixXd MixtureJacobianTimes(const GaussianMixture& mixture,
                                     const Eigen::VectorXd& y,
                                     double sigma,
                                     const Eigen::MatrixXd& V);

}  // namespace denoscope
