// Denoisers with a fault that the test plants.
#pragma once

#include <torch/types.h>

#include <functional>
#include <utility>

#include "denoscope/denoise/denoiser.h"

namespace denoscope {

// Any map of y and its 3x3 convolution with positive weights.
class PlantedDenoiser final : public Denoiser {
 public:
  using Map = std::function<torch::Tensor(const torch::Tensor& y, const torch::Tensor& smoothed)>;
  explicit PlantedDenoiser(Map map, bool homogeneous = false) : map_(std::move(map)) {
    traits_.name = "planted";
    traits_.homogeneous = homogeneous;
    torch::manual_seed(2);
    weight_ = torch::rand({1, 1, 3, 3}, torch::kFloat64) / 9;
  }
  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType type) override { type_ = type; }

 protected:
  torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor&) const override {
    return map_(y, torch::conv2d(y, weight_.to(type_), {}, 1, 1));
  }

 private:
  Map map_;
  DenoiserTraits traits_;
  torch::Tensor weight_;
  torch::ScalarType type_ = torch::kFloat32;
};

}  // namespace denoscope
