#include "denoscope/bench/bench_jacobian.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/utils.h>

#include "denoscope/base/quantile.h"
#include "denoscope/base/stopwatch.h"
#include "denoscope/data/noise.h"
#include "denoscope/denoise/model_folder.h"
#include "denoscope/jacobian/dense_jacobian.h"

namespace denoscope {

Json BenchJacobian(const ImageShape& shape, int repeats, double peak) {
  const std::string name = fmt::format("unet-{}x{}x{}", shape.C, shape.H, shape.W);
  ModelDescription description = ModelPreset("conditioned");
  description.unet.channels = shape.C;
  description.unet.features = {32, 64, 112};
  torch::manual_seed(1);
  const auto network = std::make_shared<TableNetwork>(description.Table());
  for (torch::Tensor& p : network->parameters()) p.requires_grad_(false);
  NetworkDenoiser denoiser(name, network, description.parameterisation, std::nullopt);
  const torch::Tensor y = StandardNoise({shape.C, shape.H, shape.W}, 1, "bench/image") * 0.3 + 0.5;
  constexpr double kSigma = 0.3;
  const std::int64_t d = y.numel();
  if (repeats > 1) DenseJacobian(denoiser, y, kSigma);
  std::vector<double> seconds;
  JacobianAt at;
  for (int i = 0; i < repeats; ++i) {
    at = {};
    seconds.push_back(SecondsOf([&] { at = DenseJacobian(denoiser, y, kSigma); }));
  }
  const double gflop = static_cast<double>(d) * network->Table().Gflop(shape.H, shape.W);
  Json result = {{"name", name},
                 {"d", d},
                 {"seconds", Quantile(seconds, 0.5)},
                 {"dense_gflop", gflop},
                 {"executed_gflop", at.gflop},
                 {"conv_peak_gflops", peak},
                 {"dense_share", gflop / Quantile(seconds, 0.5) / peak},
                 {"max_error", nullptr}};
  if (d <= 1024) {
    denoiser.SetType(torch::kFloat64);
    const torch::Tensor twin = DifferenceJacobian(denoiser, y.to(torch::kFloat64), kSigma);
    result["max_error"] =
        ((at.J.to(torch::kFloat64) - twin).abs().max() / twin.abs().max()).item<double>();
  }
  return result;
}

}  // namespace denoscope
