// The Jacobian of a denoiser with a small receptive field, exactly, as a sparse matrix.
//
// If an output pixel depends on the R x R pixels around it alone, output pixels R apart share no
// input pixel: one transposed product gives the rows of all of them. R^2 products a channel give J,
// at any image size. Source: Curtis, Powell, Reid 1974.
#pragma once

#include <Eigen/Sparse>
#include <cstdint>
#include <optional>
#include <string>

#include "denoscope/base/image_shape.h"
#include "denoscope/linalg/linear_operator.h"

namespace denoscope {

using SparseJacobian = Eigen::SparseMatrix<float, Eigen::RowMajor, std::int64_t>;

struct ColouredJacobian {
  SparseJacobian J;           // (d,d), row = output pixel
  std::int64_t field = 0;     // R, odd
  std::int64_t products = 0;  // columns of J^T applied: R^2 C
};

// `field` must be known to hold; a smaller one gives a wrong matrix.
ColouredJacobian ColourJacobian(const LinearOperator& J,
                                const ImageShape& shape,
                                std::int64_t field);

// What single rows of J show of the receptive field.
struct FieldProbe {
  std::optional<std::int64_t> field;  // the smallest odd R seen to hold; none: J is not local
  std::int64_t rows = 0;              // looked at, each of another pixel
  std::string certainty;              // in plain words
};
// Looks at `rows` random rows, exact zeros told from numbers. A dependence that these rows do not
// show, for instance behind a unit that is off at this image, stays unseen.
FieldProbe ProbeField(const LinearOperator& J,
                      const ImageShape& shape,
                      std::int64_t rows = 16,
                      std::uint64_t seed = 0);

}  // namespace denoscope
