#include "denoscope/theory/pca/eigenvalues.h"

#include <algorithm>
#include <cmath>

#include "denoscope/base/error.h"

namespace denoscope {

using Eigen::Index;
using Eigen::VectorXd;

void CheckSpectrum(const VectorXd& lambda) {
  for (Index k = 0; k < lambda.size(); ++k) {
    if (std::isfinite(lambda(k)) && lambda(k) >= 0) continue;
    throw Error(
        "spectrum: eigenvalue {} is {}, expected a finite number of at least 0", k, lambda(k));
  }
  if (lambda.size() > 0 && lambda.maxCoeff() > 0) return;
  throw Error("spectrum: none of {} eigenvalues is above 0, expected data that are not constant",
              lambda.size());
}

void CheckDescending(const VectorXd& lambda) {
  CheckSpectrum(lambda);
  for (Index k = 1; k < lambda.size(); ++k)
    if (lambda(k) > lambda(k - 1))
      throw Error("spectrum: eigenvalue {} is {} after {}, expected a descending list",
                  k,
                  lambda(k),
                  lambda(k - 1));
}

Index UsefulModes(const VectorXd& lambda, std::int64_t wanted) {
  const auto useful = (lambda.array() > kNullVariance * lambda[0]).count();
  return std::min<Index>(wanted, useful);
}

}  // namespace denoscope
