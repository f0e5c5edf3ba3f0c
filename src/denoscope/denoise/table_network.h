// A NetworkTable with weights, as a Torch module: parameters are named as in the table and nest by
// their dots.
//
// A scaling is batch normalisation without a mean and a bias (Mohan et al. 2020; as in the code of
// Kadkhodaie et al. 2023). In training, after train(), its x is divided by the batch's own
// s = sqrt(var(x) + 1e-5) of each channel, over images and pixels of all ranks
// (batch_deviation.h), and running_sd becomes 0.9 running_sd + 0.1 s; x's mean goes into var alone,
// it is not subtracted. Else, as a network starts and after eval(), x is divided by running_sd,
// which is a weight like others but for its gradient: it has none.
#pragma once

#include <torch/nn/module.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "denoscope/denoise/network.h"
#include "denoscope/denoise/network_table.h"
#include "denoscope/weights/weights_file.h"

namespace denoscope {

class TableNetwork final : public torch::nn::Module, public Network {
 public:
  // Random weights, drawn layer by layer in the table's order: normal, He et al. 2015, times each
  // layer's gain; biases 0; scalings and weights of normalisations 1.
  explicit TableNetwork(NetworkTable table);

  const NetworkTable& Table() const { return table_; }
  const std::vector<torch::Tensor>& LayerWeights(std::size_t layer) const {
    return weights_[layer];
  }
  // Differentiable in x and the weights; updates every running_sd in training.
  torch::Tensor forward(const torch::Tensor& x) const;

  // The value that one layer makes of `values` (0 to layer, at least those that it reads), not in
  // training.
  torch::Tensor Evaluate(std::size_t layer,
                         const std::vector<torch::Tensor>& values,
                         bool may_overwrite) const;

  const NetworkTraits& Traits() const override { return traits_; }
  torch::Tensor Run(const torch::Tensor& x, const torch::Tensor&) const override {
    return forward(x);
  }
  void SetType(torch::ScalarType type) override;
  std::map<std::string, Array> Weights() const override;
  std::int64_t ParameterCount() const override;

  // Both throw one Error that lists missing, extra and mis-shaped tensors, or names the first entry
  // that is not a finite float; nothing is changed when names or shapes do not fit. The tensors of
  // a file are read one at a time.
  void Load(const WeightsFile& file);
  void Load(const std::map<std::string, Array>& weights, const std::string& source);

 private:
  NetworkTable table_;
  NetworkTraits traits_;
  std::vector<std::vector<torch::Tensor>> weights_;  // of each layer, in the table's order
  std::vector<std::size_t> last_use_;

  void Copy(const std::string& name, const Array& array, const std::string& source);
};

// What keeps these tensors from being the network's: empty when nothing does.
std::vector<std::string> WeightFaults(const NetworkTable& table, const TensorInfos& tensors);
// Throws one Error of all faults.
void CheckWeights(const NetworkTable& table, const TensorInfos& tensors, const std::string& source);

}  // namespace denoscope
