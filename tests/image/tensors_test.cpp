#include "denoscope/image/tensors.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

torch::Tensor Counting(torch::ScalarType type = torch::kFloat32) {
  return torch::arange(6, type).view({2, 3});
}

TEST(Tensors, AMatrixHasTheSameEntries) {
  const Eigen::MatrixXf m = ToMatrixF(Counting());
  ASSERT_EQ(m.rows(), 2);
  ASSERT_EQ(m.cols(), 3);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) EXPECT_EQ(m(i, j), 3 * i + j);
  EXPECT_EQ(ToMatrixD(Counting()), m.cast<double>());
  EXPECT_TRUE(torch::equal(ToTensor(m), Counting()));
  EXPECT_TRUE(torch::equal(ToTensor(Eigen::MatrixXd(m.cast<double>())), Counting(torch::kFloat64)));
}

TEST(Tensors, AViewInAnotherOrderHasTheSameEntriesToo) {
  const Eigen::MatrixXf m = ToMatrixF(Counting());
  EXPECT_EQ(ToMatrixF(Counting().t()), m.transpose());
  EXPECT_EQ(ToMatrixF(Counting().slice(1, 1, 3)), m.rightCols(2));
  EXPECT_EQ(ToVectorD(Counting().t()), (Eigen::VectorXd(6) << 0, 3, 1, 4, 2, 5).finished());
  EXPECT_EQ(ToArray(Counting().t()).AsDoubles(), (std::vector<double>{0, 3, 1, 4, 2, 5}));
}

TEST(Tensors, OneThatWantsAGradientCanBeRead) {
  EXPECT_EQ(ToMatrixF(Counting().requires_grad_())(1, 2), 5);
  EXPECT_EQ(ToArray(Counting().requires_grad_()).AsDoubles()[5], 5);
}

TEST(Tensors, EmptyOnesKeepTheirShape) {
  EXPECT_EQ(ToTensor(Eigen::MatrixXf(0, 3)).sizes(), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(ToMatrixF(torch::empty({4, 0})).rows(), 4);
  EXPECT_EQ(ToArray(torch::empty({4, 0})).shape, (Shape{4, 0}));
  EXPECT_EQ(ShapeOf(ToTensor(ToArray(torch::empty({4, 0})))), (Shape{4, 0}));
}

TEST(Tensors, AnArrayHasTheTypeAndTheBytes) {
  for (const torch::ScalarType type : {torch::kFloat32,
                                       torch::kFloat64,
                                       torch::kHalf,
                                       torch::kBFloat16,
                                       torch::kChar,
                                       torch::kShort,
                                       torch::kInt32,
                                       torch::kInt64,
                                       torch::kUInt8,
                                       torch::kBool}) {
    SCOPED_TRACE(torch::toString(type));
    const torch::Tensor t = torch::tensor({1, 0, 1, 1, 0, 1}).view({1, 2, 3}).to(type);
    const Array a = ToArray(t);
    EXPECT_EQ(a.shape, ShapeOf(t));
    EXPECT_EQ(a.AsDoubles(), (std::vector<double>{1, 0, 1, 1, 0, 1}));
    const torch::Tensor back = ToTensor(a);
    EXPECT_EQ(back.scalar_type(), type);
    EXPECT_TRUE(torch::equal(back, t));
  }
}

TEST(Tensors, TypesThatTorchLacksComeAsNumbers) {
  const torch::Tensor t =
      ToTensor(Array::From<std::uint64_t>({2}, std::vector<std::uint64_t>{3, 1ULL << 40}));
  EXPECT_EQ(t.scalar_type(), torch::kFloat64);
  EXPECT_EQ(t[1].item<double>(), 1099511627776.0);
}

TEST(Tensors, WhatCannotBeTurnedIsAnError) {
  ExpectError([] { ToMatrixF(torch::zeros({2, 3, 4})); }, {"[2,3,4]", "expected a matrix"});
  ExpectError([] { ToArray(torch::zeros({2}, torch::kComplexFloat)); },
              {"[2]", "ComplexFloat", "cannot be written"});
}

}  // namespace
}  // namespace denoscope
