#include "denoscope/image/tensors.h"

#include <cstring>

namespace denoscope {
namespace {

template <typename Scalar>
using RowMajor = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <typename Scalar>
Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> ToMatrix(const torch::Tensor& t,
                                                               torch::ScalarType type) {
  if (t.dim() != 2) throw Error("tensor of shape {}: expected a matrix", ShapeText(ShapeOf(t)));
  const torch::Tensor plain = t.detach().to(torch::kCPU, type).contiguous();
  return Eigen::Map<const RowMajor<Scalar>>(plain.data_ptr<Scalar>(), t.size(0), t.size(1));
}

template <typename Scalar>
torch::Tensor FromMatrix(const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>& m,
                         torch::ScalarType type) {
  torch::Tensor t = torch::empty({m.rows(), m.cols()}, type);
  Eigen::Map<RowMajor<Scalar>>(t.data_ptr<Scalar>(), m.rows(), m.cols()) = m;
  return t;
}

struct TypePair {
  ElementType ours;
  torch::ScalarType torchs;
};
constexpr TypePair kTypes[] = {{ElementType::kFloat32, torch::kFloat32},
                               {ElementType::kFloat64, torch::kFloat64},
                               {ElementType::kFloat16, torch::kHalf},
                               {ElementType::kBfloat16, torch::kBFloat16},
                               {ElementType::kInt8, torch::kChar},
                               {ElementType::kInt16, torch::kShort},
                               {ElementType::kInt32, torch::kInt32},
                               {ElementType::kInt64, torch::kInt64},
                               {ElementType::kUint8, torch::kUInt8},
                               {ElementType::kBool, torch::kBool}};

}  // namespace

Eigen::MatrixXf ToMatrixF(const torch::Tensor& t) { return ToMatrix<float>(t, torch::kFloat32); }
Eigen::MatrixXd ToMatrixD(const torch::Tensor& t) { return ToMatrix<double>(t, torch::kFloat64); }
Eigen::VectorXd ToVectorD(const torch::Tensor& t) { return ToMatrixD(t.reshape({-1, 1})).col(0); }
torch::Tensor ToTensor(const Eigen::MatrixXf& m) { return FromMatrix<float>(m, torch::kFloat32); }
torch::Tensor ToTensor(const Eigen::MatrixXd& m) { return FromMatrix<double>(m, torch::kFloat64); }
torch::Tensor ToRow(const Eigen::VectorXd& v) { return ToTensor(Eigen::MatrixXd(v.transpose())); }

Shape ShapeOf(const torch::Tensor& t) { return t.sizes().vec(); }

Array ToArray(const torch::Tensor& t) {
  for (const TypePair& pair : kTypes) {
    if (pair.torchs != t.scalar_type()) continue;
    const torch::Tensor plain = t.detach().to(torch::kCPU).contiguous();
    Array a;
    a.type = pair.ours;
    a.shape = ShapeOf(plain);
    a.bytes.resize(plain.nbytes());
    if (plain.nbytes() > 0) std::memcpy(a.bytes.data(), plain.data_ptr(), plain.nbytes());
    return a;
  }
  throw Error("tensor of shape {}: element type {} cannot be written to a file",
              ShapeText(ShapeOf(t)),
              torch::toString(t.scalar_type()));
}

torch::Tensor ToTensor(const Array& a) {
  for (const TypePair& pair : kTypes) {
    if (pair.ours != a.type) continue;
    torch::Tensor t = torch::empty(a.shape, pair.torchs);
    if (!a.bytes.empty()) std::memcpy(t.data_ptr(), a.bytes.data(), a.bytes.size());
    return t;
  }
  // Torch has no such type: the numbers, not the bits.
  return torch::tensor(a.AsDoubles(), torch::kFloat64).view(a.shape);
}

}  // namespace denoscope
