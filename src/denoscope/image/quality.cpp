#include "denoscope/image/quality.h"

#include <ATen/ATen.h>

#include <cmath>

namespace denoscope {

torch::Tensor SquaredErrors(const torch::Tensor& estimate, const torch::Tensor& clean) {
  return (estimate - clean).to(torch::kFloat64).square().flatten(1).mean(1);
}

double Mse(const torch::Tensor& estimate, const torch::Tensor& clean) {
  return (estimate - clean).to(torch::kFloat64).square().mean().item<double>();
}

double PsnrDb(double mse) { return -10 * std::log10(mse); }

}  // namespace denoscope
