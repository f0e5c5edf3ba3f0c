#include "denoscope/jacobian/dense_jacobian.h"

#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/denoise/network_denoiser.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/autograd_products.h"
#include "denoscope/jacobian/block_size.h"
#include "denoscope/jacobian/native_jacobian.h"

namespace denoscope {
namespace {

using torch::Tensor;

void CheckPoint(const Denoiser& denoiser, const Tensor& y) {
  if (y.dim() != 3)
    throw Error("jacobian of '{}': expected one image (C,H,W), found shape {}",
                denoiser.Traits().name,
                ShapeText(ShapeOf(y)));
}

std::int64_t Block(const JacobianOptions& options, std::int64_t chosen) {
  return options.block > 0 ? options.block : chosen;
}

std::string PixelText(std::int64_t index, const Tensor& y) {
  const std::int64_t area = y.size(1) * y.size(2), in_channel = index % area;
  return fmt::format("({},{},{})", index / area, in_channel / y.size(2), in_channel % y.size(2));
}

// The blocks of another, for a class that changes or looks at what comes out of them.
class WrappedBlocks : public RowBlocks {
 public:
  explicit WrappedBlocks(std::unique_ptr<RowBlocks> inner) : inner_(std::move(inner)) {}

  std::int64_t Rows() const final { return inner_->Rows(); }
  std::int64_t Cols() const final { return inner_->Cols(); }
  at::TensorOptions Options() const final { return inner_->Options(); }
  std::int64_t Count() const final { return inner_->Count(); }
  std::vector<std::int64_t> RowsOf(std::int64_t block) const final { return inner_->RowsOf(block); }
  double Gflop() const final { return inner_->Gflop(); }
  void Compute(std::int64_t block, const Tensor& J) override { inner_->Compute(block, J); }

 private:
  std::unique_ptr<RowBlocks> inner_;
};

// skip I + gain F', of a network that we hold, without autograd.
class TableBlocks final : public WrappedBlocks {
 public:
  TableBlocks(std::unique_ptr<RowBlocks> network, const NetworkReading& reading)
      : WrappedBlocks(std::move(network)), skip_(reading.skip), gain_(reading.gain) {}

  void Compute(std::int64_t block, const Tensor& J) override {
    WrappedBlocks::Compute(block, J);
    const at::NoGradGuard no_gradient;
    for (const std::int64_t row : RowsOf(block)) {
      const Tensor entries = J[row];
      if (gain_ != 1) entries.mul_(gain_);
      if (skip_ != 0) entries[row].add_(skip_);
    }
  }

 private:
  double skip_, gain_;
};

// Rows from one retained forward of the replicated image.
class AutogradBlocks final : public RowBlocks {
 public:
  AutogradBlocks(const Denoiser& denoiser, const Tensor& y, double sigma, std::int64_t block)
      : products_(denoiser, y, sigma), like_(y), block_(block) {}

  std::int64_t Rows() const override { return like_.numel(); }
  std::int64_t Cols() const override { return like_.numel(); }
  at::TensorOptions Options() const override { return like_.options(); }
  std::int64_t Count() const override { return (Rows() + block_ - 1) / block_; }
  std::vector<std::int64_t> RowsOf(std::int64_t block) const override {
    return EvenRows(Rows(), block_, block);
  }
  // The last block is as large as the others, so that the graph serves it too.
  void Compute(std::int64_t block, const Tensor& J) override {
    const std::int64_t row = block * block_, rows = std::min(block_, Rows() - row);
    const Tensor u = at::zeros({block_, Rows()}, Options());
    u.narrow(1, row, rows).diagonal().fill_(1);
    const Tensor g = products_.Pull(u.view({block_, like_.size(0), like_.size(1), like_.size(2)}));
    J.narrow(0, row, rows).copy_(g.narrow(0, 0, rows).flatten(1));
  }

 private:
  AutogradProducts products_;
  Tensor like_;
  std::int64_t block_;
};

class FiniteBlocks final : public WrappedBlocks {
 public:
  FiniteBlocks(std::unique_ptr<RowBlocks> rows, std::string name, const Tensor& y, double sigma)
      : WrappedBlocks(std::move(rows)), name_(std::move(name)), y_(y), sigma_(sigma) {}

  void Compute(std::int64_t block, const Tensor& J) override {
    WrappedBlocks::Compute(block, J);
    for (const std::int64_t row : RowsOf(block))
      if (const Tensor entries = J[row]; !std::isfinite(entries.sum().item<double>()))
        Refuse(row, entries);
  }

 private:
  // A row of finite entries may have a sum that is none.
  void Refuse(std::int64_t row, const Tensor& entries) const {
    const Tensor wrong = at::isfinite(entries).logical_not().nonzero();
    if (wrong.numel() == 0) return;
    const auto column = wrong[0][0].item<std::int64_t>();
    throw Error(
        "jacobian of '{}': d output pixel {} / d input pixel {} is {} at sigma {:.4g}, expected a "
        "finite number (pixels as channel, row, column)",
        name_,
        PixelText(row, y_),
        PixelText(column, y_),
        entries[column].item<double>(),
        sigma_);
  }

  std::string name_;
  Tensor y_;
  double sigma_;
};

}  // namespace

DenseBlocks MakeDenseBlocks(const Denoiser& denoiser,
                            const Tensor& y,
                            double sigma,
                            const JacobianOptions& options) {
  options.Check();
  CheckPoint(denoiser, y);
  const Tensor image = y.detach().unsqueeze(0);
  DenseBlocks result;
  {
    const at::NoGradGuard no_gradient;
    result.denoised = denoiser.Denoise(image, sigma)[0].contiguous();
  }
  const auto* reader = dynamic_cast<const NetworkDenoiser*>(&denoiser);
  const TableNetwork* network = LinearisableNetwork(reader);
  if (network == nullptr || options.engine == DenseEngine::kAutograd) {
    const std::int64_t chosen = AutogradBlock(y.size(1) * y.size(2));
    result.block = std::min(Block(options, chosen), y.numel());
    result.rows = std::make_unique<AutogradBlocks>(denoiser, y.detach(), sigma, result.block);
  } else {
    const at::NoGradGuard no_gradient;
    const NetworkReading reading = reader->ReadAt(image, sigma);
    LinearisedNetwork linear(*network, reading.input);
    result.block = Block(options, TableBlock(linear));
    result.rows = std::make_unique<TableBlocks>(
        MakeNativeBlocks(std::move(linear), y.size(0), result.block), reading);
  }
  result.rows = std::make_unique<FiniteBlocks>(
      std::move(result.rows), denoiser.Traits().name, image[0], sigma);
  return result;
}

JacobianAt DenseJacobian(const Denoiser& denoiser,
                         const Tensor& y,
                         double sigma,
                         const JacobianOptions& options) {
  DenseBlocks blocks = MakeDenseBlocks(denoiser, y, sigma, options);
  JacobianAt result{blocks.denoised, AllRows(*blocks.rows)};
  result.gflop = blocks.rows->Gflop();
  return result;
}

Tensor ForwardJacobian(const Denoiser& denoiser,
                       const Tensor& y,
                       double sigma,
                       const JacobianOptions& options) {
  options.Check();
  CheckPoint(denoiser, y);
  const AutogradProducts products(denoiser, y, sigma);
  const std::int64_t d = y.numel();
  const std::int64_t block = Block(options, AutogradBlock(y.size(1) * y.size(2)));
  const Tensor J = at::empty({d, d}, y.options());
  for (std::int64_t column = 0; column < d; column += block) {
    StopIfCancelled("jacobian");
    const std::int64_t columns = std::min(block, d - column);
    const Tensor v = at::zeros({columns, d}, y.options());
    v.narrow(1, column, columns).diagonal().fill_(1);
    const Tensor product = products.Push(v.view({columns, y.size(0), y.size(1), y.size(2)}));
    J.narrow(1, column, columns).copy_(product.flatten(1).t());
  }
  return J;
}

Tensor DifferenceJacobian(const Denoiser& denoiser,
                          const Tensor& y,
                          double sigma,
                          double step,
                          const JacobianOptions& options) {
  options.Check();
  CheckPoint(denoiser, y);
  const at::NoGradGuard no_gradient;
  const std::int64_t d = y.numel();
  const Tensor J = at::empty({d, d}, y.options());
  const std::int64_t block = Block(options, AutogradBlock(y.size(1) * y.size(2)));
  for (std::int64_t column = 0; column < d; column += block) {
    StopIfCancelled("jacobian");
    const std::int64_t columns = std::min(block, d - column);
    Tensor shift = at::zeros({columns, d}, y.options());
    shift.narrow(1, column, columns).diagonal().fill_(step);
    shift = shift.view({columns, y.size(0), y.size(1), y.size(2)});
    const Tensor difference =
        denoiser.Denoise(y + shift, sigma) - denoiser.Denoise(y - shift, sigma);
    J.narrow(1, column, columns).copy_(difference.flatten(1).t() / (2 * step));
  }
  return J;
}

}  // namespace denoscope
