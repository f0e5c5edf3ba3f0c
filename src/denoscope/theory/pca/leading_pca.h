// The leading K principal components of samples that need not fit in memory.
//
// Symbols: x_i samples (d), i < n; m their mean; Sigma = X X^T / (n - 1), X = (x_i - m) in columns.
// Exact: Sigma is summed in float64 in one pass and goes to LAPACK: O(n d^2 + d^3), 32 d^2 bytes.
// Streamed, for larger d: block Krylov on Sigma V = X (X^T V) / (n - 1), a pass over the samples
// for each block of V; 4 n d flops a column, nothing of size (d,d). Products are float32: vectors
// err by 1e-6 lambda_0 / gap, values by the square of it (block_krylov.h).
//
// d = 12288, K = 64, block 32: the basis and its image of 320 columns take 32 MB, the samples of a
// block 50 MB; the covariance alone would be 1.2 GB, its eigenvectors three times that.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <string>

#include "denoscope/theory/pca/pca.h"
#include "denoscope/theory/pca/sample_source.h"

namespace denoscope {

struct LeadingPcaOptions {
  Eigen::Index count = 64;          // K, 1 to min(d, n - 1)
  Eigen::Index exact_up_to = 4096;  // largest d that goes to LAPACK, >= 0
  Eigen::Index block = 32;          // columns multiplied in a pass, >= 1
  double tolerance = 1e-5;          // of residuals, relative to lambda_0, > 0
  std::uint64_t seed = 0;           // of the block Krylov's start

  void Check(const SampleSource& source) const;
};

struct LeadingPca {
  std::int64_t n = 0;
  Eigen::VectorXd mean;         // (d)
  Eigen::VectorXd eigenvalues;  // descending, clipped at 0: (K), or all (d) when exact
  Eigen::MatrixXf basis;        // (d,K)
  double total_variance = 0;    // tr Sigma, of all d
  Eigen::VectorXd residuals;    // |Sigma u - lambda u|, (K)
  bool exact = false;           // by LAPACK from the whole covariance
  bool complete = false;        // all K residuals within the tolerance
  std::int64_t passes = 0;      // over the samples
  std::string status;           // why it stopped, in words with numbers
};

// Throws on fewer than two samples, and when all are the same.
LeadingPca ComputeLeadingPca(const SampleSource& source, const LeadingPcaOptions& options);

// The full record as a leading one, K <= d; its residuals are those of float32 vectors.
LeadingPca LeadingOf(const Pca& pca, Eigen::Index count);

}  // namespace denoscope
