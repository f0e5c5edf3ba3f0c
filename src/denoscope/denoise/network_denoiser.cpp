#include "denoscope/denoise/network_denoiser.h"

#include <torch/torch.h>

#include "denoscope/base/error.h"

namespace denoscope {

NetworkDenoiser::NetworkDenoiser(std::string name,
                                 std::shared_ptr<Network> network,
                                 const Parameterisation& parameterisation,
                                 std::optional<SigmaRange> trained_sigmas)
    : network_(std::move(network)), parameterisation_(parameterisation) {
  const NetworkTraits& inner = network_->Traits();
  const SigmaInput input = parameterisation.sigma_input;
  if ((input == SigmaInput::kScalar) != inner.takes_sigma)
    throw Error(
        "denoiser '{}': the network {} a noise level as its second argument, found sigma "
        "input {}",
        name,
        inner.takes_sigma ? "takes" : "does not take",
        SigmaInputName(input));
  traits_.name = std::move(name);
  traits_.channels = inner.output_channels;
  if (inner.fixed_shape)
    traits_.fixed_shape = ImageShape{traits_.channels, inner.fixed_shape->H, inner.fixed_shape->W};
  if (inner.input_channels != traits_.channels + (input == SigmaInput::kLogMap ? 1 : 0))
    throw Error("denoiser '{}': network of {} input and {} output channels, with sigma input {}",
                traits_.name,
                inner.input_channels,
                traits_.channels,
                SigmaInputName(input));
  traits_.size_multiple = inner.size_multiple;
  traits_.conditioned =
      input != SigmaInput::kNone || parameterisation.prediction == Prediction::kEdm;
  traits_.homogeneous = inner.homogeneous && !traits_.conditioned;
  traits_.receptive_field = inner.receptive_field;
  traits_.trained_sigmas = trained_sigmas;
  SetType(torch::kFloat32);
}

// c_in y, with the map of the noise level where there is one.
torch::Tensor NetworkDenoiser::Input(const torch::Tensor& y, const torch::Tensor& sigma) const {
  const torch::Tensor s = sigma.view({-1, 1, 1, 1});
  const double q = parameterisation_.data_rms;
  const bool edm = parameterisation_.prediction == Prediction::kEdm;
  torch::Tensor input = edm ? y / (s.square() + q * q).sqrt() : y;
  if (parameterisation_.sigma_input == SigmaInput::kLogMap)
    input = torch::cat({input, (s.log() / 4).expand({y.size(0), 1, y.size(2), y.size(3)})}, 1);
  return input.contiguous(torch::MemoryFormat::ChannelsLast);
}

torch::Tensor NetworkDenoiser::Compute(const torch::Tensor& y, const torch::Tensor& sigma) const {
  const torch::Tensor output = network_->Run(Input(y, sigma), sigma);
  if (parameterisation_.prediction == Prediction::kX0) return output;
  if (parameterisation_.prediction == Prediction::kResidual) return y - output;
  const torch::Tensor s = sigma.view({-1, 1, 1, 1});
  const double q = parameterisation_.data_rms;
  const torch::Tensor scale = (s.square() + q * q).sqrt();
  return (q / scale).square() * y + s * q / scale * output;
}

NetworkReading NetworkDenoiser::ReadAt(const torch::Tensor& y, double sigma) const {
  NetworkReading reading;
  reading.input = Input(y, torch::full({1}, sigma, y.options()));
  const double q = parameterisation_.data_rms, variance = sigma * sigma + q * q;
  switch (parameterisation_.prediction) {
    case Prediction::kX0:
      break;
    case Prediction::kResidual:
      reading.skip = 1;
      reading.gain = -1;
      break;
    case Prediction::kEdm:
      reading.skip = q * q / variance;
      reading.gain = sigma * q / variance;
      break;
  }
  return reading;
}

}  // namespace denoscope
