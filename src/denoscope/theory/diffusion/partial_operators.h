// The partial operators of a chain of learned bases, P = U_b U_b^T .. U_{a+1} U_{a+1}^T U_a U_a^T
// over tau consecutive levels (a the noisiest of them), seen in the basis U_0 of the clean data:
// entry (i,j) is <u_i, P u_j>, i, j < r. In these coordinates U_0 is the first r axes.
//
// Weitzner et al. 2024 assume U_t^T U_{t+1} diagonal (their Assumption 4.2), so that P becomes
// diagonal with entries in the ratios (c_i/c_0)^tau. Measured beside it:
//   consecutive   c_i^tau = E |<u_i, u_b,i>| prod |<u_t,i, u_{t+1},i>| |<u_a,i, u_i>|
//
//   aligned       c_i^tau = prod_t E <u_t,i, u_i>^2
//
// The first follows one chain of accumulated noise, the second is right when levels are independent
// and each vector wanders alone. Neither is exact: modes also exchange places. What is exact, for
// fresh Gaussian samples: E P = prod_t E[U_t U_t^T], and that is diagonal because each axis can be
// flipped: E P(i,i) = prod_t energy(i,t).
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "denoscope/theory/diffusion/learned_basis.h"

namespace denoscope {

struct Window {
  Eigen::Index first = 0;  // a, the index of the noisiest level
  Eigen::Index count = 1;  // tau
};

// For every tau up to N the window that begins at level `noisiest`, moved down to fit, then for
// each tau that at the cleanest levels.
std::vector<Window> RegimeWindows(const std::vector<Eigen::Index>& taus,
                                  Eigen::Index levels,
                                  Eigen::Index noisiest = 0);

Eigen::MatrixXd PartialOperator(const LearnedChain& chain, const Window& window);  // (r,r)

// All errors are standard errors over trials, NaN for one trial.
struct PartialOperators {
  Window window;
  Eigen::MatrixXd mean, error;    // (r,r): the heat map
  Eigen::VectorXd ratios;         // mean(i,i) / mean(0,0)
  Eigen::VectorXd consecutive;    // (c_i/c_0)^tau of the first kind
  Eigen::VectorXd aligned;        // and of the second
  double off_diagonal_share = 0;  // of |mean|_F^2
};

struct ChainReport {
  Eigen::Index trials = 0;
  Eigen::VectorXd sigmas;                      // (N)
  Eigen::MatrixXd alignment, alignment_error;  // (r,N), <u_t,k, u_k>^2
  Eigen::MatrixXd energy, energy_error;        // (r,N), |U_t^T u_k|^2, U_t U_t^T's diagonal
  Eigen::MatrixXd consecutive;                 // (r,N-1), |<u_t,k, u_{t+1},k>|
  // (N-1), Assumption 4.2: of |U_t^T U_{t+1}|_F^2, the share off the diagonal
  Eigen::VectorXd off_diagonal, off_diagonal_error;
  std::vector<PartialOperators> partials;
};

// A quantity over trials.
struct Moments {
  Eigen::MatrixXd values, squares;  // sums
  void Add(const Eigen::MatrixXd& x);
  void Merge(const Moments& later);
};

// Chains of one kind over trials, added in order.
struct ChainSums {
  std::vector<Window> windows;
  Eigen::Index trials = 0;
  Eigen::VectorXd sigmas;
  Moments alignment, energy, consecutive, off_diagonal;
  std::vector<Moments> partials, products;  // one a window

  void Add(const LearnedChain& chain);
  void Merge(const ChainSums& later);
  ChainReport Report() const;
};

}  // namespace denoscope
