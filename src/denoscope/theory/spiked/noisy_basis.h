// Bases learned from noisy samples: at each sigma, fresh noise is added to n clean samples and
// their PCA is held against reference directions u_k.
//
// Symbols: X (d,n) clean, Y = X + sigma Z, (L_k, v_k) the eigenpairs of the centred covariance of Y
// (divisor n - 1), k < K. The reference must come from other images than X, or v_k meets the
// sampling error of u_k too. Where eigenvalues crowd, single vectors turn within their subspace:
// then read the matched cosine and the share of u_k within span(v_0 .. v_{r-1}). A matching looks
// for overlaps and finds some among random vectors as well: MatchingNull.
//
// v_k settles when lambda_k stands out of the noise: of white noise alone the L fill
// sigma^2 (1 -+ sqrt(gamma))^2, gamma = d/(n - 1), and a lone mode leaves that bulk when lambda_k >
// sigma^2 sqrt(gamma). The modes that do not leave it still push its edge up, and the largest L of
// pure noise passes the edge now and then: both counts are readings, not tests.
//
// Cost of one basis: n d normals, then min(n,d)^2 max(n,d) flops for the Gram matrix of the smaller
// side and 8/3 min(n,d)^3 for its values and vectors. d = 784, 64 modes, one core:
// 0.15 s for n = 1000, 0.4 s for n = 10000. Memory: 16 n d + 24 min(n,d)^2 bytes.
// Sources: Baik, Ben Arous & Peche 2005; Weitzner et al. 2024, sec. 4 (arXiv 2410.14730).
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <functional>
#include <vector>

#include "denoscope/base/progress.h"

namespace denoscope {

struct NoisyBasisOptions {
  std::vector<double> sigmas;  // ascending, > 0
  std::int64_t draws = 5;      // of noise (and of samples, if the caller draws them), >= 1
  std::vector<Eigen::Index> ranks = {1, 4, 16};  // r of the leading subspaces, each 1 to K
  std::uint64_t seed = 0;

  void Check(Eigen::Index modes) const;
};

// The clean samples (d,n) of a draw. The same ones each time: the spread over draws is that of the
// noise alone. Others each time: that of the samples too.
using CleanSamples = std::function<Eigen::MatrixXf(std::int64_t draw)>;

// n samples with independent entries N(0, lambda_k): a Gaussian of that spectrum in the coordinates
// of its own modes, of which the reference is the identity's first columns.
CleanSamples GaussianSamples(const Eigen::VectorXd& lambda, std::int64_t n, std::uint64_t seed);

struct NoisyBasis {                // one sigma, one draw
  Eigen::VectorXd cosines;         // |<v_k, u_k>|, (K)
  Eigen::VectorXi partner;         // index of the v matched to u_k by best total |cos|, (K)
  Eigen::VectorXd matched;         // |<v_partner, u_k>|, (K)
  Eigen::MatrixXd subspace_share;  // |V_r^T u_k|^2, (K, ranks)
  Eigen::VectorXd eigenvalues;     // L_k, (K)
  Eigen::Index above_edge = 0;     // of all L, those above sigma^2 (1 + sqrt(gamma))^2
};

struct NoisyBases {
  Eigen::Index d = 0, modes = 0;
  std::int64_t n = 0;
  NoisyBasisOptions options;
  std::vector<std::vector<NoisyBasis>> bases;  // [sigma][draw]
};

// reference (d,K): orthonormal columns u_k, K <= min(d, n - 1).
NoisyBases LearnNoisyBases(const CleanSamples& samples,
                           const Eigen::MatrixXd& reference,
                           const NoisyBasisOptions& options,
                           const ProgressSink& progress = {});

// One of them alone, the same bytes: noise comes from a stream of its level and draw.
struct NoiseCell {
  std::int64_t level = 0, draw = 0;  // index of sigma, of the draw
};
NoisyBasis LearnNoisyBasis(const Eigen::MatrixXf& clean,
                           const Eigen::MatrixXd& reference,
                           const NoisyBasisOptions& options,
                           NoiseCell cell);

// Modes of a spectrum that should leave the bulk of n samples: lambda_k > sigma^2 sqrt(gamma).
Eigen::Index PredictedAboveEdge(const Eigen::VectorXd& lambda, std::int64_t n, double sigma);

// Matched |cos| between K random orthonormal vectors in d dimensions and K fixed ones, (K).
Eigen::VectorXd MatchingNull(Eigen::Index d, Eigen::Index modes, std::uint64_t seed);

}  // namespace denoscope
