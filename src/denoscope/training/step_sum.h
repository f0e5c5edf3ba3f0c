// What ranks add up after a step of training, all of it by one collective call: the gradients of
// their parts of the batch, their parts of the loss, and what each of them was asked to do.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace denoscope {

struct StepOutcome {
  double loss = 0;
  bool failed = false, cancelled = false, save = false;
};

class StepSum {
 public:
  // Of the parameters that have gradients.
  explicit StepSum(const std::vector<torch::Tensor>& parameters);

  // Every gradient becomes its sum over ranks, the same on each, bit for bit; so does the loss. A
  // flag is set where it is set on any rank. A rank that failed adds nothing.
  StepOutcome Add(const StepOutcome& own);
  double Seconds() const { return seconds_; }  // of all calls, those of waiting for others included

 private:
  std::vector<torch::Tensor> parameters_;
  torch::Tensor buffer_;  // the gradients, one after the other; loss; flags
  double seconds_ = 0;

  torch::Tensor PartOf(std::size_t parameter, std::int64_t& begin) const;
};

}  // namespace denoscope
