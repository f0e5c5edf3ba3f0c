// Where Tensor, Eigen matrix and file array meet. Eigen is column-major and Torch row-major: a
// (rows, cols) tensor becomes a (rows, cols) matrix with the same entries, never its transpose.
#pragma once

#include <torch/types.h>

#include <Eigen/Dense>

#include "denoscope/arrays/array.h"

namespace denoscope {

Eigen::MatrixXf ToMatrixF(const torch::Tensor& t);  // 2-D (rows, cols), any float type
Eigen::MatrixXd ToMatrixD(const torch::Tensor& t);
Eigen::VectorXd ToVectorD(const torch::Tensor& t);  // any shape, flattened row-major
torch::Tensor ToTensor(const Eigen::MatrixXf& m);   // (rows, cols) float32
torch::Tensor ToTensor(const Eigen::MatrixXd& m);   // (rows, cols) float64
torch::Tensor ToRow(const Eigen::VectorXd& v);      // (1, size) float64

Array ToArray(const torch::Tensor& t);   // float32/64, int32/64, uint8, bool; any memory layout
torch::Tensor ToTensor(const Array& a);  // a copy; float64 for types that Torch does not have
Shape ShapeOf(const torch::Tensor& t);

}  // namespace denoscope
