// Leading eigenpairs of a symmetric operator and leading singular triplets of any operator from
// products with blocks of vectors alone: block Lanczos and block Golub-Kahan with thick restarts.
//
// Symbols: A (d,d) symmetric or (rows,cols); V the basis (d,m), V^T V = I; b the block; K the
// count. Symmetric: Z = A V is kept beside V, T = V^T Z = Y diag(mu) Y^T, Ritz pairs (mu_k, V y_k),
// residual Z y_k - mu_k V y_k. Singular: A V = U B, Z = A^T U, B = P diag(s) Y^T, triplets (s_k, U
// p_k, V y_k); then A v_k = s_k u_k, and A^T u_k - s_k v_k = Z p_k - s_k V y_k is the residual. B,
// not its square, is decomposed: small singular values keep their accuracy. In both the basis grows
// by what is left of the last columns of Z outside V. A full basis is restarted with its best Ritz
// vectors, of which Z, U and the residual block are known: a restart costs no product.
//
// Precision: products and vectors are float32, all sums over d are double (orthonormal_block.h).
// Ritz values err by |r|^2 / gap, residuals by the 1e-7 |A| of a float32 product: a tolerance below
// 1e-6 is not to be had.
//
// What a Krylov method cannot know: of a value repeated more often than b, it finds b copies and
// would take the next smaller values for the rest. So when all K have converged and some of them
// form a cluster (values closer than the tolerance) of b or more, random blocks are added until
// they bring nothing new among the K. The span of a cluster converges, its single vectors are
// arbitrary, and the status says so.
//
// Cost: the columns A is applied to (one network pass each), K (triplets: 2 K) of them for the
// final residuals; a limit is overrun only for a basis of K vectors and those. At d = 4096, K = 32:
// 152 columns when lambda_k = 1/(1 + (k/30)^2), 624 for 20 values above a bulk of noise in which
// the last 12 lie; 500 values within 1e-3 of 1 stay unresolved at the default limit of 1024.
// Besides, about 16 d m b flops for a block. Memory: 8 d m bytes, 12 d m for triplets.
// Sources: Golub & Underwood 1977 (block Lanczos); Wu & Simon 2000 (thick restart);
// Baglama & Reichel 2005 (restarted bidiagonalisation); Davis & Kahan 1970, Wedin 1972 (angles).
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>

#include "denoscope/linalg/linear_operator.h"

namespace denoscope {

enum class Leading { kLargest, kLargestMagnitude };  // of eigenvalues

struct KrylovOptions {
  Eigen::Index count = 32;            // K, >= 1, clipped to the size of the operator
  Eigen::Index block = 8;             // b, >= 0; 0: chosen
  Eigen::Index subspace = 0;          // largest m; 0: chosen, else >= count + 2 block
  Eigen::Index max_applications = 0;  // columns of A and A^T together, >= 0; 0: chosen
  double tolerance = 1e-4;            // of residuals, relative to the largest |value|, > 0
  Leading leading = Leading::kLargest;
  std::uint64_t seed = 0;

  void Check() const;
};

// The options with nothing left to choose, for an operator whose smaller side is d and that takes
// `column_cost` products a column of the basis: 1 for eigenpairs, 2 for triplets.
KrylovOptions Resolved(KrylovOptions options, Eigen::Index d, Eigen::Index column_cost);

// Residuals come from fresh products with the final vectors. angle_bounds: sine of the angle
// between vector k and the invariant subspace of its cluster (of its eigenvector when cluster_sizes
// is 1), residual / distance to the nearest Ritz value outside the cluster, itself off by its
// residual; at most 1, and an estimate insofar as no eigenvalue has been missed.
struct RitzPairs {
  Eigen::VectorXd values;        // (K), descending, by magnitude if so asked
  Eigen::MatrixXf vectors;       // (d,K)
  Eigen::VectorXd residuals;     // |A v - mu v|
  Eigen::VectorXd angle_bounds;  // Davis & Kahan
  // Of the cluster of each: Ritz values chained by distances below the tolerance, itself too.
  Eigen::VectorXi cluster_sizes;
  Eigen::Index converged = 0;  // residual within the tolerance
  std::int64_t applications = 0;
  bool complete = false;  // all K converged
  std::string status;     // why it stopped, in words with numbers
};

struct SingularTriplets {
  Eigen::VectorXd values;        // (K), descending
  Eigen::MatrixXf left, right;   // (rows,K), (cols,K)
  Eigen::VectorXd residuals;     // max of |A v - s u| and |A^T u - s v|
  Eigen::VectorXd angle_bounds;  // Wedin; of both vectors
  Eigen::VectorXi cluster_sizes;
  Eigen::Index converged = 0;
  std::int64_t applications = 0;
  bool complete = false;
  std::string status;
};

// Seeds and options alike give the same bytes. Both throw Interrupted between blocks, and Error
// when the operator returns what is not finite.
RitzPairs LeadingEigenpairs(const LinearOperator& A, const KrylovOptions& options);
SingularTriplets LeadingSingularTriplets(const LinearOperator& A, const KrylovOptions& options);

}  // namespace denoscope
