#include "denoscope/linalg/subspaces.h"

#include "denoscope/base/error.h"
#include "denoscope/linalg/dense_spectrum.h"

namespace denoscope {

Eigen::VectorXd PrincipalCosines(const Eigen::MatrixXd& U, const Eigen::MatrixXd& V) {
  if (U.rows() != V.rows()) {
    throw Error("principal angles: vectors of U ({},{}) and V ({},{}) have different lengths",
                U.rows(),
                U.cols(),
                V.rows(),
                V.cols());
  }
  const Eigen::VectorXd cosines = SingularValues<double>(U.transpose() * V);
  return cosines.cwiseMax(0.0).cwiseMin(1.0);  // rounding alone puts them outside
}

Eigen::VectorXd MatchedCosines(const Eigen::MatrixXd& U, const Eigen::MatrixXd& V) {
  if (U.rows() != V.rows() || U.cols() != V.cols()) {
    throw Error("matched cosines: V has shape ({},{}), expected that of U, ({},{})",
                V.rows(),
                V.cols(),
                U.rows(),
                U.cols());
  }
  const Eigen::VectorXd products = U.cwiseProduct(V).colwise().sum().transpose();
  return products.cwiseAbs().cwiseMin(1.0);
}

}  // namespace denoscope
