#include "denoscope/training/step_sum.h"

#include <torch/utils.h>

#include "denoscope/base/stopwatch.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

constexpr std::int64_t kScalars = 4;  // after the gradients

}  // namespace

StepSum::StepSum(const std::vector<torch::Tensor>& parameters) {
  std::int64_t count = kScalars;
  for (const torch::Tensor& p : parameters) {
    if (!p.requires_grad()) continue;
    parameters_.push_back(p);
    count += p.numel();
  }
  if (Ranks::OfThisJob().Count() > 1) buffer_ = torch::zeros({count}, torch::kFloat32);
}

StepOutcome StepSum::Add(const StepOutcome& own) {
  if (!buffer_.defined()) return own;
  torch::NoGradGuard no_gradient;
  const std::int64_t gradients = buffer_.numel() - kScalars;
  buffer_.zero_();
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < parameters_.size() && !own.failed; ++i)
    PartOf(i, begin).copy_(parameters_[i].grad());
  float* values = buffer_.data_ptr<float>();
  float* scalars = values + gradients;
  scalars[0] = own.failed ? 0 : static_cast<float>(own.loss);
  scalars[1] = own.failed;
  scalars[2] = own.cancelled;
  scalars[3] = own.save;
  seconds_ += SecondsOf([&] { Ranks::OfThisJob().Sum(values, buffer_.numel()); });
  begin = 0;
  for (std::size_t i = 0; i < parameters_.size() && !own.failed; ++i)
    parameters_[i].mutable_grad().copy_(PartOf(i, begin));
  return {scalars[0], scalars[1] > 0, scalars[2] > 0, scalars[3] > 0};
}

// Of the buffer, in the parameter's shape; `begin` moves on to the next.
torch::Tensor StepSum::PartOf(std::size_t parameter, std::int64_t& begin) const {
  const torch::Tensor& p = parameters_[parameter];
  const torch::Tensor part = buffer_.narrow(0, begin, p.numel()).view(p.sizes());
  begin += p.numel();
  return part;
}

}  // namespace denoscope
