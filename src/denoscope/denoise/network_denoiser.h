// A network F read as a denoiser: D(y; s) = c_skip(s) y + c_out(s) F(c_in(s) y; c_noise(s)).
//
//   prediction   c_skip         c_out              c_in            source
//   x0           0              1                  1               F estimates the clean image
//   residual     1              -1                 1               F estimates the noise sigma z
//   edm          q^2/(s^2+q^2)  s q/sqrt(s^2+q^2)  1/sqrt(s^2+q^2) Karras et al. 2022, table 1
//
// q is the root mean square of the data. A network with a sigma map sees c_noise = ln(s)/4 as one
// more constant channel. J = c_skip I + c_out c_in F'.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <string>

#include "denoscope/denoise/denoiser.h"
#include "denoscope/denoise/unet.h"

namespace denoscope {

enum class Prediction { kX0, kResidual, kEdm };
std::string PredictionName(Prediction prediction);
Prediction PredictionFromName(const std::string& name);

struct Parameterisation {
  Prediction prediction = Prediction::kEdm;
  double data_rms = 0.5;  // q, used by edm, > 0
};

class NetworkDenoiser final : public Denoiser {
 public:
  NetworkDenoiser(std::string name,
                  Unet network,
                  Parameterisation parameterisation,
                  std::optional<SigmaRange> trained_sigmas);

  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType type) override;
  Unet Network() const { return network_; }
  const Parameterisation& Reading() const { return parameterisation_; }

 protected:
  torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor& sigma) const override;

 private:
  mutable Unet network_;
  Parameterisation parameterisation_;
  DenoiserTraits traits_;
};

}  // namespace denoscope
