#include "denoscope/jacobian/native_jacobian.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>

#include "denoscope/jacobian/split_jacobian.h"

namespace denoscope {
namespace {

using at::Tensor;

// One backward pass a row.
class PlainJacobian final : public RowBlocks {
 public:
  PlainJacobian(LinearisedNetwork network, std::int64_t channels, std::int64_t block)
      : network_(std::move(network)), channels_(channels), block_(std::min(block, Rows())) {}

  std::int64_t Rows() const override { return network_.Output().numel(); }
  std::int64_t Cols() const override {
    const Shape in = network_.ValueShape(0);
    return channels_ * in[1] * in[2];
  }
  at::TensorOptions Options() const override { return network_.Output().options(); }
  double Gflop() const override { return gflop_; }
  std::int64_t Count() const override { return (Rows() + block_ - 1) / block_; }
  std::vector<std::int64_t> RowsOf(std::int64_t block) const override {
    return EvenRows(Rows(), block_, block);
  }
  void Compute(std::int64_t block, const Tensor& J) override {
    const at::NoGradGuard no_gradient;
    const at::IntArrayRef out = network_.Output().sizes();
    const std::int64_t row = block * block_, count = std::min(block_, Rows() - row);
    const Tensor u = at::zeros({count, Rows()}, Options());
    u.narrow(1, row, count).diagonal().fill_(1);
    const Tensor g = network_.ApplyTranspose(
        u.view({count, out[1], out[2], out[3]}).contiguous(at::MemoryFormat::ChannelsLast));
    J.narrow(0, row, count).copy_(g.narrow(1, 0, channels_).reshape({count, Cols()}));
    const Shape in = network_.ValueShape(0);
    gflop_ += static_cast<double>(count) * network_.Table().Gflop(in[1], in[2]);
  }

 private:
  LinearisedNetwork network_;
  std::int64_t channels_, block_;
  double gflop_ = 0;
};

}  // namespace

std::unique_ptr<RowBlocks> MakeNativeBlocks(LinearisedNetwork network,
                                            std::int64_t channels,
                                            std::int64_t block) {
  const at::NoGradGuard no_gradient;
  std::optional<NetworkCut> cut = FindCut(network.Table());
  if (cut) return MakeSplitBlocks(std::move(network), std::move(*cut), channels, block);
  return std::make_unique<PlainJacobian>(std::move(network), channels, block);
}

}  // namespace denoscope
