#include "denoscope/linalg/linear_operator.h"

#include <gtest/gtest.h>

namespace denoscope {
namespace {

TEST(DenseOperator, AppliesTheMatrixAndItsTranspose) {
  Eigen::MatrixXf A(2, 3);
  A << 1, 2, 3, 4, 5, 6;
  const DenseOperator op(A);
  EXPECT_EQ(op.Rows(), 2);
  EXPECT_EQ(op.Cols(), 3);
  EXPECT_EQ(op.Apply(Eigen::MatrixXf::Identity(3, 3)), A);
  EXPECT_EQ(op.ApplyTranspose(Eigen::MatrixXf::Identity(2, 2)), A.transpose());
}

}  // namespace
}  // namespace denoscope
