#include "denoscope/denoise/batch_deviation.h"

#include <torch/autograd.h>

#include <string>
#include <vector>

#include "denoscope/denoise/network_table.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

// Of all ranks, from each one's: var = sum_r n_r (var_r + (mean_r - mean)^2) / n, in float64.
struct Moments {
  torch::Tensor mean, variance;  // (1,C,1,1), of x's type
  double count = 0;              // n
};

Moments JointMoments(const torch::Tensor& x) {
  const std::int64_t C = x.size(1);
  const torch::Tensor own = torch::cat({torch::full({1}, x.numel() / C, torch::kFloat64),
                                        x.mean({0, 2, 3}).to(torch::kFloat64),
                                        x.var({0, 2, 3}, /*unbiased=*/false).to(torch::kFloat64)});
  const std::string bytes(static_cast<const char*>(own.data_ptr()), own.nbytes());
  std::vector<torch::Tensor> rows;
  for (std::string& text : Ranks::OfThisJob().Gather(bytes))
    rows.push_back(torch::from_blob(text.data(), {1 + 2 * C}, torch::kFloat64).clone());
  const torch::Tensor all = torch::stack(rows);
  const torch::Tensor counts = all.slice(1, 0, 1), total = counts.sum();
  const torch::Tensor means = all.slice(1, 1, 1 + C), variances = all.slice(1, 1 + C);
  const torch::Tensor mean = (counts * means).sum(0) / total;
  const torch::Tensor variance = (counts * (variances + (means - mean).square())).sum(0) / total;
  const auto shaped = [&](const torch::Tensor& t) {
    return t.to(x.scalar_type()).view({1, C, 1, 1});
  };
  return {shaped(mean), shaped(variance), total.item<double>()};
}

struct JointDeviation : torch::autograd::Function<JointDeviation> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x) {
    const Moments moments = JointMoments(x);
    const torch::Tensor s = (moments.variance + kNormalisationFloor).sqrt();
    context->save_for_backward({x, moments.mean, moments.count * s});
    return s;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const torch::Tensor sum = gradients[0].to(torch::kFloat32).clone(at::MemoryFormat::Contiguous);
    Ranks::OfThisJob().Sum(sum.data_ptr<float>(), sum.numel());
    return {(saved[0] - saved[1]) * (sum / saved[2])};
  }
};

}  // namespace

torch::Tensor BatchDeviation(const torch::Tensor& x) {
  if (Ranks::OfThisJob().Count() > 1) return JointDeviation::apply(x);
  return (x.var({0, 2, 3}, /*unbiased=*/false, /*keepdim=*/true) + kNormalisationFloor).sqrt();
}

}  // namespace denoscope
