// Trace, diagonal and spectral density of a square operator from products with random vectors.
//
// Symbols: A (d,d); n probes z with independent entries +1 or -1, so that E z z^T = I. Probes go to
// the operator in blocks of 16. Errors are one standard error, from the spread over the probes;
// below some 10 probes that spread is itself uncertain and the errors with it.
//
// Each throws Interrupted between blocks, and Error when a product is not finite.
// Sources: Hutchinson 1990; Meyer, Musco, Musco & Woodruff 2021; Bekas, Kokiopoulou & Saad 2007;
// Ubaru, Chen & Saad 2017.
#pragma once

#include <Eigen/Dense>
#include <cstdint>

#include "denoscope/linalg/linear_operator.h"

namespace denoscope {

struct Estimate {
  double value = 0;
  double error = 0;  // one standard error
  std::int64_t applications = 0;
};

// Mean of z^T A z over n >= 2 probes; variance 2 (|S|_F^2 - sum S_ii^2) / n, S = (A + A^T)/2.
Estimate HutchinsonTrace(const LinearOperator& A, std::int64_t probes, std::uint64_t seed);

// Hutch++: Q spans A S for a third of the budget, tr A = tr Q^T A Q + tr (I-QQ^T) A (I-QQ^T), the
// second term by Hutchinson; true of any square A. The first is exact, so the error falls as
// 1 / budget; but only a third of the budget is left for probes, and of a slowly decaying or mostly
// skew spectrum the plain estimate is the better one. Exact, error 0, for a budget of d or more.
// Needs a budget of at least 4 applications.
Estimate HutchPlusPlusTrace(const LinearOperator& A, std::int64_t budget, std::uint64_t seed);

struct DiagonalEstimate {
  Eigen::VectorXd values;  // (d)
  Eigen::VectorXd errors;  // (d), one standard error
  double trace = 0;        // their sum, HutchinsonTrace of the same probes
  double trace_error = 0;  // one standard error: errors of the values go together
  std::int64_t applications = 0;
};

// Mean of z * A z, entry by entry, over n >= 2 probes: entry i errs by the off-diagonal of row i,
// variance sum_{j != i} A_ij^2 / n.
DiagonalEstimate StochasticDiagonal(const LinearOperator& A,
                                    std::int64_t probes,
                                    std::uint64_t seed);

struct DensityOptions {
  std::int64_t probes = 16;   // n, >= 2
  std::int64_t steps = 64;    // of each Lanczos process, >= 1, clipped to d
  std::int64_t points = 200;  // of the grid, >= 2
  double width = 0;  // sigma of the Gaussian that smooths, in units of eigenvalues; 0: chosen
  std::uint64_t seed = 0;

  void Check() const;
};

// The density of eigenvalues, of integral 1, of a symmetric A by stochastic Lanczos quadrature:
// from z / sqrt(d), the eigenvalues of the Lanczos matrix are nodes, the squared first components
// of its eigenvectors weights. Every vector is orthogonalised twice against all earlier ones. A
// narrower width than the nodes' spacing shows single nodes, not eigenvalues; chosen:
// spread / steps. Cost: probes * steps applications; memory 64 d steps bytes.
struct SpectralDensityEstimate {
  Eigen::VectorXd nodes, weights;  // of all probes, ascending; the weights sum to 1
  Eigen::VectorXd grid;            // (points), from below the least node to above the largest
  Eigen::VectorXd density, density_errors;  // (points)
  double width = 0;
  Estimate mean;                  // tr A / d
  Estimate mean_square;           // tr A^2 / d
  double least = 0, largest = 0;  // extreme Ritz values: within the spectrum's range
  std::int64_t applications = 0;
};

SpectralDensityEstimate SpectralDensity(const LinearOperator& A, const DensityOptions& options);

}  // namespace denoscope
