// The symmetric eigendecomposition beside a bare LAPACKE call on the same matrix, and, on the ranks
// of a job, that by ELPA beside that by LAPACK in one process, each in the same run.
#pragma once

#include <Eigen/Dense>

#include "denoscope/files/json.h"
#include "denoscope/linalg/elpa_spectrum.h"

namespace denoscope {

// Of a random float32 matrix: seconds, bare_seconds, their median ratio, and
// |A V - V Lambda|_F / |A|_F.
Json BenchSpectrum(Eigen::Index d, int repeats);

// Of a matrix with eigenvalues 1/(1 + (k/30)^2) and random eigenvectors. In float32 seconds, of the
// solution by ELPA from parts in memory, and lapack_seconds, of EigenSymmetric on rank 0 with the
// threads of all ranks, who sleep; seconds64 and lapack64_seconds in float64; ratio and ratio64:
// the medians of LAPACK's over ELPA's, taken alternately. file_seconds: in float32, from file to
// file. Errors, of what is in the file: of values over the largest, beside LAPACK's;
// max |V V^T - I|; max |A v - mu v|.
Json BenchRankedSpectrum(Eigen::Index d, int repeats, const ElpaOptions& options);

}  // namespace denoscope
