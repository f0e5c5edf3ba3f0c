#include "denoscope/denoise/denoiser.h"

#include <ATen/ATen.h>

#include <cmath>

#include "denoscope/base/error.h"
#include "denoscope/image/tensors.h"

namespace denoscope {

torch::Tensor Denoiser::Denoise(const torch::Tensor& y, const torch::Tensor& sigma) const {
  const std::string& name = Traits().name;
  if (y.dim() != 4)
    throw Error(
        "denoiser '{}': expected images (B,C,H,W), found shape {}", name, ShapeText(ShapeOf(y)));
  if (y.size(0) < 1 || !y.is_floating_point())
    throw Error(
        "denoiser '{}': expected one or more images of floating-point numbers, found {} of {}",
        name,
        y.size(0),
        torch::toString(y.scalar_type()));
  CheckImageShape(Traits(), {y.size(1), y.size(2), y.size(3)});
  if (sigma.dim() != 1 || sigma.size(0) != y.size(0))
    throw Error("denoiser '{}': expected {} noise levels, one an image, found shape {}",
                name,
                y.size(0),
                ShapeText(ShapeOf(sigma)));
  const double least = sigma.min().item<double>();
  const double most = sigma.max().item<double>();
  if (!(least > 0) || !std::isfinite(most))
    throw Error(
        "denoiser '{}': sigma must be a positive number, found {}", name, least > 0 ? most : least);
  torch::Tensor estimate = Compute(y, sigma.to(y.scalar_type()));
  if (estimate.sizes() != y.sizes())
    throw Error("denoiser '{}': expected an output of shape {}, found {}",
                name,
                ShapeText(ShapeOf(y)),
                ShapeText(ShapeOf(estimate)));
  if (!std::isfinite(estimate.detach().sum().item<double>()))
    throw Error(
        "denoiser '{}': output is not finite for an input in [{:.3g}, {:.3g}] at sigma {:.4g}",
        name,
        y.min().item<double>(),
        y.max().item<double>(),
        most);
  return estimate;
}

torch::Tensor Denoiser::Denoise(const torch::Tensor& y, double sigma) const {
  return Denoise(y, at::full({y.size(0)}, sigma, torch::kFloat64));
}

std::string OutsideTraining(const DenoiserTraits& traits, const std::vector<double>& sigmas) {
  // Relative: 3 sqrt(lambda_0) is not quite that of the images without those held out.
  constexpr double kSlack = 0.01;
  if (!traits.trained_sigmas) return "";
  const auto [low, high] = *traits.trained_sigmas;
  std::vector<double> outside;
  for (const double sigma : sigmas)
    if (sigma < low * (1 - kSlack) || sigma > high * (1 + kSlack)) outside.push_back(sigma);
  if (outside.empty()) return "";
  return fmt::format("denoiser '{}': trained on sigma {:.4g} to {:.4g}, found outside: {:.4g}",
                     traits.name,
                     low,
                     high,
                     fmt::join(outside, ", "));
}

DenoiserTraits TraitsOfShape(std::string name,
                             const std::string& what,
                             std::int64_t d,
                             const ImageShape& shape) {
  if (d != shape.Size())
    throw Error("denoiser '{}': {} of {} pixels, expected {} x {} x {}",
                name,
                what,
                d,
                shape.C,
                shape.H,
                shape.W);
  DenoiserTraits traits;
  traits.name = std::move(name);
  traits.channels = shape.C;
  traits.fixed_shape = shape;
  return traits;
}

void CheckImageShape(const DenoiserTraits& traits, const ImageShape& shape) {
  if (traits.channels > 0 && shape.C != traits.channels)
    throw Error(
        "denoiser '{}': expected {} channels, found {}", traits.name, traits.channels, shape.C);
  if (traits.fixed_shape && (traits.fixed_shape->H != shape.H || traits.fixed_shape->W != shape.W))
    throw Error("denoiser '{}': expected images of {} x {}, found {} x {}",
                traits.name,
                traits.fixed_shape->H,
                traits.fixed_shape->W,
                shape.H,
                shape.W);
  if (shape.H < 1 || shape.W < 1 || shape.H % traits.size_multiple ||
      shape.W % traits.size_multiple)
    throw Error("denoiser '{}': height and width must be multiples of {}, found {} x {}",
                traits.name,
                traits.size_multiple,
                shape.H,
                shape.W);
}

}  // namespace denoscope
