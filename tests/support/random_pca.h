// The PCA of random images.
#pragma once

#include <memory>
#include <string>

#include "denoscope/theory/pca/pca.h"
#include "tests/support/random_matrix.h"

namespace denoscope {

// Of n images of d pixels around 1/2, pixel i with deviation 1/(1+i).
inline std::shared_ptr<const Pca> RandomPca(Eigen::Index d,
                                            Eigen::Index n,
                                            const std::string& stream) {
  Eigen::MatrixXd X = RandomMatrix(d, n, stream, 3);
  for (Eigen::Index i = 0; i < d; ++i) X.row(i) /= 1.0 + static_cast<double>(i);
  CovarianceAccumulator sums(d);
  sums.Add(X.array() + 0.5);
  return std::make_shared<const Pca>(ComputePca(sums));
}

}  // namespace denoscope
