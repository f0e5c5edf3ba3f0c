#include "denoscope/denoise/network_denoiser.h"

#include <torch/types.h>

#include "denoscope/base/error.h"

namespace denoscope {

using torch::Tensor;

NetworkDenoiser::NetworkDenoiser(std::string name,
                                 std::shared_ptr<Network> network,
                                 const Parameterisation& parameterisation,
                                 std::optional<SigmaRange> trained_sigmas)
    : network_(std::move(network)), parameterisation_(parameterisation) {
  const NetworkTraits& inner = network_->Traits();
  const SigmaInput input = parameterisation.sigma_input;
  parameterisation_.Check();
  if (IsArgument(input) != inner.takes_sigma)
    throw Error(
        "denoiser '{}': the network {} a noise level as its second argument, found sigma "
        "input {}",
        name,
        inner.takes_sigma ? "takes" : "does not take",
        NameOf(input));
  traits_.name = std::move(name);
  traits_.channels = inner.output_channels;
  if (inner.fixed_shape)
    traits_.fixed_shape = ImageShape{traits_.channels, inner.fixed_shape->H, inner.fixed_shape->W};
  if (inner.input_channels != traits_.channels + (IsMap(input) ? 1 : 0))
    throw Error("denoiser '{}': network of {} input and {} output channels, with sigma input {}",
                traits_.name,
                inner.input_channels,
                traits_.channels,
                NameOf(input));
  traits_.size_multiple = inner.size_multiple;
  traits_.conditioned = parameterisation.UsesSigma();
  traits_.homogeneous = inner.homogeneous && !traits_.conditioned &&
                        !parameterisation.clamp_input && parameterisation.range.low == 0;
  traits_.receptive_field = inner.receptive_field;
  traits_.trained_sigmas = trained_sigmas;
  SetType(torch::kFloat32);
}

// One value a noise level, of the type of y, (B).
template <typename Function>
Tensor NetworkDenoiser::OfSigma(const Tensor& y, const Tensor& sigma, const Function& f) const {
  const Tensor levels = sigma.detach().to(torch::kFloat64).contiguous();
  const auto* first = levels.data_ptr<double>();
  std::vector<double> values(first, first + levels.numel());
  for (double& value : values) value = f(parameterisation_.range.Width() * value);
  return torch::tensor(values, torch::kFloat64).to(y.scalar_type());
}

// y in the network's value range.
Tensor NetworkDenoiser::InRange(const Tensor& y) const {
  const ValueRange& range = parameterisation_.range;
  const Tensor v = range.IsUnit() ? y : range.low + range.Width() * y;
  return parameterisation_.clamp_input ? v.clamp(range.low, range.high) : v;
}

Tensor NetworkDenoiser::NoiseInput(const Tensor& y, const Tensor& sigma) const {
  if (parameterisation_.sigma_input == SigmaInput::kNone) return {};
  return OfSigma(y, sigma, [&](double s) { return NoiseInputAt(parameterisation_, s); });
}

// c_in v, with the map of the noise level where there is one.
Tensor NetworkDenoiser::Input(const Tensor& v, const Tensor& sigma, const Tensor& noise) const {
  const Prediction p = parameterisation_.prediction;
  const bool as_is = p == Prediction::kX0 || p == Prediction::kResidual || p == Prediction::kScore;
  Tensor input = v;
  if (!as_is)
    input = v * OfSigma(v, sigma, [&](double s) {
                  return CoefficientsAt(parameterisation_, s).in;
                }).view({-1, 1, 1, 1});
  if (IsMap(parameterisation_.sigma_input))
    input = torch::cat(
        {input, noise.view({-1, 1, 1, 1}).expand({v.size(0), 1, v.size(2), v.size(3)})}, 1);
  return input.contiguous(torch::MemoryFormat::ChannelsLast);
}

// c_skip v + c_out F, without products by 0 and 1.
Tensor NetworkDenoiser::Combined(const Tensor& v, const Tensor& sigma, const Tensor& F) const {
  if (parameterisation_.prediction == Prediction::kX0) return F;
  if (parameterisation_.prediction == Prediction::kResidual) return v - F;
  const auto coefficient = [&](double Coefficients::*which) {
    return OfSigma(v, sigma, [&](double s) { return CoefficientsAt(parameterisation_, s).*which; })
        .view({-1, 1, 1, 1});
  };
  return coefficient(&Coefficients::skip) * v + coefficient(&Coefficients::out) * F;
}

Tensor NetworkDenoiser::Compute(const Tensor& y, const Tensor& sigma) const {
  const Tensor v = InRange(y), noise = NoiseInput(y, sigma);
  const Tensor D = Combined(v, sigma, network_->Run(Input(v, sigma, noise), noise));
  const ValueRange& range = parameterisation_.range;
  return range.IsUnit() ? D : (D - range.low) / range.Width();
}

NetworkReading NetworkDenoiser::ReadAt(const Tensor& y, double sigma) const {
  if (parameterisation_.clamp_input)
    throw Error("denoiser '{}': clamps its input, so that J is not c I + c' F'", traits_.name);
  const Tensor level = torch::full({1}, sigma, torch::kFloat64);
  const Coefficients c = CoefficientsAt(parameterisation_, parameterisation_.range.Width() * sigma);
  return {Input(InRange(y), level, NoiseInput(y, level)), c.skip, c.out * c.in};
}

}  // namespace denoscope
