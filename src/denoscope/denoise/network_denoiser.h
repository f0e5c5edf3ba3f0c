// A network read as a denoiser by its parameterisation.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "denoscope/denoise/denoiser.h"
#include "denoscope/denoise/network.h"
#include "denoscope/denoise/parameterisation.h"

namespace denoscope {

// D near one y: J = skip I + gain F', F' the network's Jacobian at `input`, of its first C
// channels.
struct NetworkReading {
  torch::Tensor input;  // (1,Cin,H,W)
  double skip = 0, gain = 1;
};

class NetworkDenoiser final : public Denoiser {
 public:
  // Throws when the parameterisation gives the network a noise level that it does not take, or
  // none where it takes one.
  NetworkDenoiser(std::string name,
                  std::shared_ptr<Network> network,
                  const Parameterisation& parameterisation,
                  std::optional<SigmaRange> trained_sigmas);

  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType type) override { network_->SetType(type); }
  const std::shared_ptr<Network>& Wrapped() const { return network_; }
  const Parameterisation& Reading() const { return parameterisation_; }
  // y (1,C,H,W). Throws where the input is clamped: then J is not of this form.
  NetworkReading ReadAt(const torch::Tensor& y, double sigma) const;

 protected:
  torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor& sigma) const override;

 private:
  std::shared_ptr<Network> network_;
  Parameterisation parameterisation_;
  DenoiserTraits traits_;

  template <typename Function>
  torch::Tensor OfSigma(const torch::Tensor& y,
                        const torch::Tensor& sigma,
                        const Function& f) const;
  torch::Tensor InRange(const torch::Tensor& y) const;
  torch::Tensor NoiseInput(const torch::Tensor& y, const torch::Tensor& sigma) const;
  torch::Tensor Input(const torch::Tensor& v,
                      const torch::Tensor& sigma,
                      const torch::Tensor& noise) const;
  torch::Tensor Combined(const torch::Tensor& v,
                         const torch::Tensor& sigma,
                         const torch::Tensor& F) const;
};

}  // namespace denoscope
