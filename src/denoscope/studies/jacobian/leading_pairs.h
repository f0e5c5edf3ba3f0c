// What products with a Jacobian alone show of it: leading eigenpairs of sym(J), singular triplets
// of J, and by random vectors its trace, diagonal and spectral density.
#pragma once

#include <cstdint>
#include <optional>

#include "denoscope/arrays/npy.h"
#include "denoscope/linalg/block_krylov.h"
#include "denoscope/linalg/stochastic.h"

namespace denoscope {

struct LeadingOptions {
  std::int64_t count = 0;   // pairs; 0: none are asked for
  std::int64_t probes = 0;  // random vectors, >= 2; 0: none
  std::uint64_t seed = 0;
};
KrylovOptions KrylovOptionsOf(const LeadingOptions& leading);  // with these ranks

struct StochasticFindings {
  Estimate trace, trace_plus;  // Hutchinson's, Hutch++
  DiagonalEstimate diagonal;
  SpectralDensityEstimate density;
};

struct LeadingPairs {
  RitzPairs eigen;
  SingularTriplets svd;
  std::optional<StochasticFindings> stochastic;
  std::int64_t products = 0;     // with J and J^T, by all ranks
  std::int64_t bytes_heard = 0;  // by this rank from the others
  double seconds = 0;
};
// On every rank the same, each with its share of the products. Ends what the ranks do together.
LeadingPairs FindLeading(const LinearOperator& J, const LeadingOptions& leading);

Npz ToNpz(const LeadingPairs& found, const Shape& image);  // image: (C,H,W)

}  // namespace denoscope
