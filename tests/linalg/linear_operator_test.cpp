#include "denoscope/linalg/linear_operator.h"

#include <gtest/gtest.h>

namespace denoscope {
namespace {

using Eigen::MatrixXf;

MatrixXf Example() {
  MatrixXf A(2, 3);
  A << 1, 2, 3, 4, 5, 6;
  return A;
}

TEST(DenseOperator, AppliesTheMatrixAndItsTranspose) {
  const MatrixXf A = Example();
  const DenseOperator op(A);
  EXPECT_EQ(op.Rows(), 2);
  EXPECT_EQ(op.Cols(), 3);
  EXPECT_EQ(op.Apply(MatrixXf::Identity(3, 3)), A);
  EXPECT_EQ(op.ApplyTranspose(MatrixXf::Identity(2, 2)), A.transpose());
}

TEST(SparseOperator, AppliesTheMatrixAndItsTranspose) {
  MatrixXf A = Example();
  A(0, 1) = 0;
  const SparseOperator op(A.sparseView());
  EXPECT_EQ(op.Rows(), 2);
  EXPECT_EQ(op.Cols(), 3);
  EXPECT_EQ(op.Apply(MatrixXf::Identity(3, 3)), A);
  EXPECT_EQ(op.ApplyTranspose(MatrixXf::Identity(2, 2)), A.transpose());
}

TEST(SymmetricPart, IsTheMeanOfAnOperatorAndItsTranspose) {
  MatrixXf A(2, 2), expected(2, 2);
  A << 1, 2, 4, 8;
  expected << 1, 3, 3, 8;
  const DenseOperator op(A);
  const SymmetricPart symmetric(op);
  EXPECT_EQ(symmetric.Apply(MatrixXf::Identity(2, 2)), expected);
  EXPECT_EQ(symmetric.ApplyTranspose(MatrixXf::Identity(2, 2)), expected);
}

TEST(CountingOperator, CountsColumnsEitherWay) {
  const MatrixXf A = Example();
  const DenseOperator op(A);
  const CountingOperator counted(op);
  EXPECT_EQ(counted.Apply(MatrixXf::Identity(3, 3)), A);
  EXPECT_EQ(counted.Apply(MatrixXf::Ones(3, 2)), A * MatrixXf::Ones(3, 2));
  EXPECT_EQ(counted.ApplyTranspose(MatrixXf::Identity(2, 2)), A.transpose());
  EXPECT_EQ(counted.Forward(), 5);
  EXPECT_EQ(counted.Transposed(), 2);
  EXPECT_EQ(counted.Applications(), 7);
}

}  // namespace
}  // namespace denoscope
