#include "denoscope/jacobian/dense_jacobian.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/base/error.h"
#include "denoscope/denoise/network_denoiser.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/native_jacobian.h"

namespace denoscope {
namespace {

void CheckPoint(const Denoiser& denoiser, const torch::Tensor& y) {
  if (y.dim() != 3)
    throw Error("jacobian of '{}': expected one image (C,H,W), found shape {}",
                denoiser.Traits().name,
                ShapeText(ShapeOf(y)));
}

void StopIfCancelled() {
  if (CancelRequested()) throw Interrupted("jacobian: interrupted");
}

// Measured on two cores; half and twice of these run within a few per cent.
constexpr std::int64_t kTableBlock = 112, kAutogradBlock = 28;

std::int64_t Block(const JacobianOptions& options, std::int64_t chosen) {
  return options.block > 0 ? options.block : chosen;
}

// Through the table of a network that we hold, without autograd.
std::optional<JacobianAt> OfTable(const Denoiser& denoiser,
                                  const torch::Tensor& y,
                                  double sigma,
                                  const JacobianOptions& options) {
  const auto* reader = dynamic_cast<const NetworkDenoiser*>(&denoiser);
  const auto* network =
      reader ? dynamic_cast<const TableNetwork*>(reader->Wrapped().get()) : nullptr;
  if (network == nullptr) return std::nullopt;
  const at::NoGradGuard no_gradient;
  const torch::Tensor image = y.detach().unsqueeze(0);
  JacobianAt result;
  result.denoised = denoiser.Denoise(image, sigma)[0].contiguous();
  const NetworkReading reading = reader->ReadAt(image, sigma);
  NativeResult native = NativeJacobian(
      LinearisedNetwork(*network, reading.input), y.size(0), Block(options, kTableBlock));
  result.J = std::move(native.J);
  result.gflop = native.gflop;
  if (reading.gain != 1) result.J.mul_(reading.gain);
  result.J.diagonal().add_(reading.skip);
  return result;
}

// Rows in blocks from one retained forward of the replicated image.
JacobianAt ByAutograd(const Denoiser& denoiser,
                      const torch::Tensor& y,
                      double sigma,
                      const JacobianOptions& options) {
  const std::int64_t d = y.numel();
  const std::int64_t block = std::min(Block(options, kAutogradBlock), d);
  const torch::Tensor input =
      y.detach().unsqueeze(0).repeat({block, 1, 1, 1}).contiguous(at::MemoryFormat::ChannelsLast);
  input.requires_grad_(true);
  const torch::Tensor output = denoiser.Denoise(input, sigma);
  torch::Tensor cotangents = at::zeros({block, d}, y.options());
  JacobianAt result{output.detach()[0].contiguous(), at::empty({d, d}, y.options())};
  for (std::int64_t row = 0; row < d; row += block) {
    StopIfCancelled();
    const std::int64_t rows = std::min(block, d - row);
    cotangents.zero_();
    cotangents.narrow(1, row, rows).diagonal().fill_(1);
    const torch::Tensor gradient = torch::autograd::grad(
        {output}, {input}, {cotangents.view(output.sizes())}, /*retain_graph=*/true)[0];
    result.J.narrow(0, row, rows).copy_(gradient.narrow(0, 0, rows).flatten(1));
  }
  return result;
}

}  // namespace

void JacobianOptions::Check() const {
  if (block < 0) throw Error("jacobian: block must be at least 0, found {}", block);
}

JacobianAt DenseJacobian(const Denoiser& denoiser,
                         const torch::Tensor& y,
                         double sigma,
                         const JacobianOptions& options) {
  options.Check();
  CheckPoint(denoiser, y);
  std::optional<JacobianAt> native;
  if (options.engine != DenseEngine::kAutograd) native = OfTable(denoiser, y, sigma, options);
  JacobianAt result = native ? std::move(*native) : ByAutograd(denoiser, y, sigma, options);
  if (!std::isfinite(result.J.sum().item<double>()))
    throw Error("jacobian of '{}': not finite at sigma {:.4g}", denoiser.Traits().name, sigma);
  return result;
}

torch::Tensor DifferenceJacobian(const Denoiser& denoiser,
                                 const torch::Tensor& y,
                                 double sigma,
                                 double step,
                                 const JacobianOptions& options) {
  options.Check();
  CheckPoint(denoiser, y);
  const at::NoGradGuard no_gradient;
  const std::int64_t d = y.numel();
  torch::Tensor J = at::empty({d, d}, y.options());
  const std::int64_t block = Block(options, kAutogradBlock);
  for (std::int64_t column = 0; column < d; column += block) {
    StopIfCancelled();
    const std::int64_t columns = std::min(block, d - column);
    torch::Tensor shift = at::zeros({columns, d}, y.options());
    shift.narrow(1, column, columns).diagonal().fill_(step);
    shift = shift.view({columns, y.size(0), y.size(1), y.size(2)});
    const torch::Tensor difference =
        denoiser.Denoise(y + shift, sigma) - denoiser.Denoise(y - shift, sigma);
    J.narrow(1, column, columns).copy_(difference.flatten(1).t() / (2 * step));
  }
  return J;
}

}  // namespace denoscope
