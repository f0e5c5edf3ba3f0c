#include "denoscope/jacobian/autograd_products.h"

#include <torch/autograd.h>
#include <torch/csrc/autograd/forward_grad.h>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using torch::Tensor;

// A level of forward-mode differentiation, for as long as it lives.
class DualLevel {
 public:
  DualLevel() : index_(torch::autograd::ForwardADLevel::get_next_idx()) {}
  ~DualLevel() { torch::autograd::ForwardADLevel::release_idx(index_); }
  DualLevel(const DualLevel&) = delete;
  DualLevel& operator=(const DualLevel&) = delete;
  std::int64_t Index() const { return static_cast<std::int64_t>(index_); }

 private:
  std::uint64_t index_;
};

// D(input), which requires a gradient.
Tensor DifferentiableEstimate(const Denoiser& denoiser, const Tensor& input, double sigma) {
  Tensor output = denoiser.Denoise(input, sigma);
  if (!output.requires_grad())
    throw Error(
        "jacobian of '{}': the output does not depend on the image by operations that have a "
        "derivative",
        denoiser.Traits().name);
  return output;
}

}  // namespace

Tensor PullEach(
    const Denoiser& denoiser, const Tensor& y, double sigma, const Tensor& u, Tensor* estimate) {
  const Tensor input =
      y.detach().contiguous(torch::MemoryFormat::ChannelsLast).clone().requires_grad_(true);
  const Tensor output = DifferentiableEstimate(denoiser, input, sigma);
  if (estimate) *estimate = output.detach();
  return torch::autograd::grad({output}, {input}, {u})[0];
}

AutogradProducts::AutogradProducts(const Denoiser& denoiser, const Tensor& y, double sigma)
    : denoiser_(denoiser), y_(y.detach()), sigma_(sigma) {}

Tensor AutogradProducts::Replicated(std::int64_t count) const {
  return y_.unsqueeze(0).repeat({count, 1, 1, 1}).contiguous(torch::MemoryFormat::ChannelsLast);
}

Tensor AutogradProducts::Pull(const Tensor& u) const {
  if (!input_.defined() || input_.size(0) != u.size(0)) {
    input_ = Replicated(u.size(0)).requires_grad_(true);
    output_ = DifferentiableEstimate(denoiser_, input_, sigma_);
  }
  return torch::autograd::grad({output_}, {input_}, {u}, /*retain_graph=*/true)[0];
}

Tensor AutogradProducts::Push(const Tensor& v) const {
  const DualLevel level;
  const Tensor dual = at::_make_dual(Replicated(v.size(0)), v, level.Index());
  Tensor output;
  try {
    output = denoiser_.Denoise(dual, sigma_);
  } catch (const c10::NotImplementedError& e) {
    throw Error("jacobian of '{}': an operation has no forward derivative ({})",
                denoiser_.Traits().name,
                e.what_without_backtrace());
  }
  const Tensor tangent = std::get<1>(at::_unpack_dual(output, level.Index()));
  return tangent.defined() ? tangent.detach() : torch::zeros_like(v);
}

}  // namespace denoscope
