#include "denoscope/theory/optimal/time_update.h"

#include "denoscope/base/error.h"

namespace denoscope {

Eigen::VectorXd GaussianTimeUpdate(const Eigen::VectorXd& eigenvalues, double from, double to) {
  if (!(from > 0 && to > 0))
    throw Error("time update: expected positive noise levels, found {} and {}", from, to);
  const double growth = (to / from) * (to / from);
  const Eigen::ArrayXd mu = eigenvalues.array().max(0).min(1);
  return mu / (mu + growth * (1 - mu));
}

}  // namespace denoscope
