#include "denoscope/denoise/network_denoiser.h"

#include "denoscope/base/error.h"

namespace denoscope {

std::string PredictionName(Prediction prediction) {
  switch (prediction) {
    case Prediction::kX0:
      return "x0";
    case Prediction::kResidual:
      return "residual";
    case Prediction::kEdm:
      return "edm";
  }
  throw Error("prediction {}: unknown", static_cast<int>(prediction));
}

Prediction PredictionFromName(const std::string& name) {
  for (const auto p : {Prediction::kX0, Prediction::kResidual, Prediction::kEdm})
    if (PredictionName(p) == name) return p;
  throw Error("prediction '{}': unknown, expected x0, residual or edm", name);
}

NetworkDenoiser::NetworkDenoiser(std::string name,
                                 Unet network,
                                 Parameterisation parameterisation,
                                 std::optional<SigmaRange> trained_sigmas)
    : network_(std::move(network)), parameterisation_(parameterisation) {
  const UnetOptions& options = network_->options();
  traits_.name = std::move(name);
  traits_.channels = options.channels;
  traits_.size_multiple = std::int64_t{1} << (options.levels - 1);
  traits_.conditioned = options.sigma_map || parameterisation.prediction == Prediction::kEdm;
  traits_.homogeneous = !options.biases && !traits_.conditioned;
  traits_.trained_sigmas = trained_sigmas;
  SetType(torch::kFloat32);
}

void NetworkDenoiser::SetType(torch::ScalarType type) {
  network_->to(type);
  torch::NoGradGuard no_gradient;
  for (torch::Tensor& p : network_->parameters())
    if (p.dim() == 4) p.set_data(p.contiguous(torch::MemoryFormat::ChannelsLast));
}

torch::Tensor NetworkDenoiser::Compute(const torch::Tensor& y, const torch::Tensor& sigma) const {
  const torch::Tensor s = sigma.view({-1, 1, 1, 1});
  const double q = parameterisation_.data_rms;
  const bool edm = parameterisation_.prediction == Prediction::kEdm;
  const torch::Tensor scale = (s.square() + q * q).sqrt();
  torch::Tensor input = edm ? y / scale : y;
  if (network_->options().sigma_map)
    input = torch::cat({input, (s.log() / 4).expand({y.size(0), 1, y.size(2), y.size(3)})}, 1);
  const torch::Tensor output =
      network_->forward(input.contiguous(torch::MemoryFormat::ChannelsLast));
  switch (parameterisation_.prediction) {
    case Prediction::kX0:
      return output;
    case Prediction::kResidual:
      return y - output;
    case Prediction::kEdm:
      break;
  }
  return (q / scale).square() * y + s * q / scale * output;
}

}  // namespace denoscope
