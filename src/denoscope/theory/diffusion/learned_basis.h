// Bases learned from n noisy samples: the leading eigenvectors of their centred covariance, at one
// noise level or along a whole schedule.
//
// Precision: samples are float32, and so is the eigenvalue problem of more than 256 vectors; there
// vectors err by 1e-7 L_0 / gap (leading_dense.h). The bases are orthonormal in double either way.
// Cost of a level: n d normals or d^2/2, d^2 n flops for the smaller Gram matrix, its leading
// pairs; at d = 784, n = 1000 on one core 4, 5 and 4 to 10 ms.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

#include "denoscope/theory/pca/noisy_source.h"

namespace denoscope {

struct LeadingBasis {
  Eigen::VectorXd values;   // (r), of F F^T / divisor, descending
  Eigen::MatrixXd vectors;  // (d,r), orthonormal
};

// 1 <= rank <= min(d,m); divisor: n - 1.
LeadingBasis LeadingOfFactor(const Eigen::MatrixXf& factor, Eigen::Index rank, double divisor);

enum class NoiseKind {
  kFresh,        // new samples (Gaussian) and new noise at every level: levels are independent
  kAccumulated,  // one set of samples, x_t = x_{t-1} + noise, of which every basis sees one stage
};

struct ChainOptions {
  Eigen::Index samples = 1000;  // n, >= 2
  Eigen::Index rank = 10;       // r, 1 to min(d, n - 1)
  std::uint64_t seed = 0;

  void Check(Eigen::Index d) const;
};

// One trial; entry i belongs to level s_i, the noisiest first. Operator of a level, as the paper
// has it: U U^T. Sequential denoiser: least squares of x at the next level (clean after the last)
// on the coordinates U^T x, over the same n samples: x -> regressions[i] U^T x,
//   regressions[i] = C U diag(1/L),  C = cov(x_{t-1}, x_t), L the eigenvalues, U^T cov(x_t) U.
struct LearnedChain {
  Eigen::VectorXd sigmas;                    // (N)
  std::vector<LeadingBasis> bases;           // (d,r) each
  std::vector<Eigen::MatrixXd> regressions;  // (d,r) each; empty for kFresh
};

// Throws Interrupted between levels.
LearnedChain LearnChain(const NoisySource& source,
                        const Eigen::VectorXd& levels,
                        NoiseKind kind,
                        const ChainOptions& options,
                        std::uint64_t trial);

}  // namespace denoscope
