#include "denoscope/jacobian/jacobian_operator.h"

#include <torch/utils.h>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/denoise/linearised_network.h"
#include "denoscope/denoise/network_denoiser.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/autograd_products.h"
#include "denoscope/jacobian/block_size.h"

namespace denoscope {
namespace {

using torch::Tensor;
constexpr std::int64_t kLargestBlock = 64;

// Columns of an Eigen matrix are rows of a tensor of the same memory.
class JacobianOperator : public LinearOperator {
 public:
  explicit JacobianOperator(const Tensor& y)
      : shape_({y.size(0), y.size(1), y.size(2)}), size_(y.numel()) {}
  Eigen::Index Rows() const override { return size_; }
  Eigen::Index Cols() const override { return size_; }

  Eigen::MatrixXf Apply(const Eigen::MatrixXf& V) const override {
    return InPieces(V, [&](const Tensor& v) { return Times(v); });
  }
  Eigen::MatrixXf ApplyTranspose(const Eigen::MatrixXf& U) const override {
    return InPieces(U, [&](const Tensor& u) { return TransposeTimes(u); });
  }

 protected:
  virtual Tensor Times(const Tensor& v) const = 0;           // (b,C,H,W) -> the same
  virtual Tensor TransposeTimes(const Tensor& u) const = 0;  // (b,C,H,W) -> the same
  virtual std::int64_t LargestBlock() const = 0;             // largest b
  Shape shape_;

 private:
  template <typename Product>
  Eigen::MatrixXf InPieces(const Eigen::MatrixXf& X, const Product& product) const {
    if (X.rows() != size_)
      throw Error("jacobian operator: expected vectors of {} entries, found {}", size_, X.rows());
    Eigen::MatrixXf result(size_, X.cols());
    const Eigen::Index most = LargestBlock();
    for (Eigen::Index j = 0; j < X.cols(); j += most) {
      StopIfCancelled("jacobian");
      const Eigen::Index b = std::min(most, X.cols() - j);
      const Tensor x = torch::from_blob(const_cast<float*>(X.col(j).data()),
                                        {b, shape_[0], shape_[1], shape_[2]},
                                        torch::kFloat32);
      const Tensor y = product(x).reshape({b, size_}).contiguous();
      result.middleCols(j, b) = Eigen::Map<const Eigen::MatrixXf>(y.data_ptr<float>(), size_, b);
    }
    return result;
  }
  Eigen::Index size_;
};

class TableOperator final : public JacobianOperator {
 public:
  TableOperator(const TableNetwork& network, NetworkReading reading, const Tensor& y)
      : JacobianOperator(y), reading_(std::move(reading)), linear_(network, reading_.input) {}

 protected:
  Tensor Times(const Tensor& v) const override {
    const std::int64_t more = reading_.input.size(1) - v.size(1);  // a map of the noise level
    const Tensor input = more > 0 ? torch::constant_pad_nd(v, {0, 0, 0, 0, 0, more}) : v;
    return reading_.skip * v +
           reading_.gain * linear_.Apply(input.contiguous(torch::MemoryFormat::ChannelsLast));
  }
  Tensor TransposeTimes(const Tensor& u) const override {
    const Tensor g = linear_.ApplyTranspose(u.contiguous(torch::MemoryFormat::ChannelsLast));
    return reading_.skip * u + reading_.gain * g.narrow(1, 0, u.size(1));
  }
  std::int64_t LargestBlock() const override { return TableBlock(linear_, kLargestBlock); }

 private:
  NetworkReading reading_;
  LinearisedNetwork linear_;
};

class AutogradOperator final : public JacobianOperator {
 public:
  AutogradOperator(const Denoiser& denoiser, const Tensor& y, double sigma)
      : JacobianOperator(y),
        largest_block_(AutogradBlock(y.size(1) * y.size(2))),
        products_(denoiser, y, sigma) {}

 protected:
  Tensor Times(const Tensor& v) const override { return products_.Push(v); }
  Tensor TransposeTimes(const Tensor& u) const override { return products_.Pull(u); }
  std::int64_t LargestBlock() const override { return largest_block_; }

 private:
  std::int64_t largest_block_;
  AutogradProducts products_;
};

}  // namespace

std::unique_ptr<LinearOperator> MakeJacobianOperator(const Denoiser& denoiser,
                                                     const Tensor& y,
                                                     double sigma) {
  if (y.dim() != 3 || y.scalar_type() != torch::kFloat32)
    throw Error("jacobian of '{}': expected one float32 image (C,H,W), found shape {} of {}",
                denoiser.Traits().name,
                ShapeText(ShapeOf(y)),
                torch::toString(y.scalar_type()));
  const auto* reader = dynamic_cast<const NetworkDenoiser*>(&denoiser);
  const TableNetwork* network = LinearisableNetwork(reader);
  {
    const torch::NoGradGuard no_gradient;
    denoiser.Denoise(y.unsqueeze(0), sigma);  // checks shape, sigma and output
  }
  if (network == nullptr) return std::make_unique<AutogradOperator>(denoiser, y, sigma);
  const torch::NoGradGuard no_gradient;
  return std::make_unique<TableOperator>(*network, reader->ReadAt(y.unsqueeze(0), sigma), y);
}

}  // namespace denoscope
