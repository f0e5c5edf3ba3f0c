// The symmetric eigendecomposition of a random float32 matrix, beside a bare LAPACKE call on the
// same matrix in the same run.
#pragma once

#include <Eigen/Dense>

#include "denoscope/files/json.h"

namespace denoscope {

// seconds, bare_seconds, their median ratio, and |A V - V Lambda|_F / |A|_F.
Json BenchSpectrum(Eigen::Index d, int repeats);

}  // namespace denoscope
