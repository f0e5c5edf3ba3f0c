// Networks in closed form: what an optimal network of each parameterisation outputs where clean
// images are Gaussian. Each formula is that of the parameterisation's own literature, in its own
// variables, so that reading it as a denoiser has to give Wiener's.
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "denoscope/base/error.h"
#include "denoscope/denoise/network_denoiser.h"

namespace denoscope {

// x ~ N(mean, covariance) on the [0,1] scale, images of 1 x H x W.
struct GaussianTruth {
  torch::Tensor mean, covariance;  // (d), (d,d) float64
  std::int64_t H = 0, W = 0;

  torch::Tensor Identity() const { return torch::eye(mean.numel(), torch::kFloat64); }
  torch::Tensor WienerMatrix(double sigma) const {
    return torch::linalg_solve(covariance + sigma * sigma * Identity(), covariance);
  }
  torch::Tensor Wiener(const torch::Tensor& y, double sigma) const {  // (B,1,H,W)
    const torch::Tensor centred = y.flatten(1).to(torch::kFloat64) - mean;
    return (mean + centred.matmul(WienerMatrix(sigma))).view_as(y);
  }
};

inline GaussianTruth RandomGaussian(std::int64_t H, std::int64_t W) {
  torch::manual_seed(8);
  const std::int64_t d = H * W;
  const torch::Tensor factor = torch::randn({d, d}, torch::kFloat64) *
                               torch::linspace(0.02, 0.3, d, torch::kFloat64) /
                               std::sqrt(static_cast<double>(d));
  return {torch::rand({d}, torch::kFloat64), factor.matmul(factor.t()), H, W};
}

class GaussianNetwork final : public Network {
 public:
  GaussianNetwork(GaussianTruth truth, const Parameterisation& reading) : reading_(reading) {
    const ValueRange& range = reading.range;
    mean_ = range.low + range.Width() * truth.mean;
    covariance_ = range.Width() * range.Width() * truth.covariance;
    traits_.architecture = "gaussian";
    traits_.fixed_shape = ImageShape{1, truth.H, truth.W};
    traits_.takes_sigma = IsArgument(reading.sigma_input);
    traits_.input_channels = IsMap(reading.sigma_input) ? 2 : 1;
  }

  const NetworkTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType) override {}
  std::map<std::string, Array> Weights() const override { return {}; }
  std::int64_t ParameterCount() const override { return 0; }

  torch::Tensor Run(const torch::Tensor& input, const torch::Tensor& noise) const override {
    const torch::Tensor image = input.slice(1, 0, 1);
    std::vector<torch::Tensor> outputs;
    for (std::int64_t b = 0; b < input.size(0); ++b) {
      const torch::Tensor told =
          traits_.takes_sigma ? noise[b] : input[b][traits_.input_channels - 1].mean();
      const torch::Tensor x = image[b].flatten().to(torch::kFloat64);
      outputs.push_back(Output(x, Noise(told.item<double>())).view_as(image[b]));
    }
    return torch::stack(outputs).to(input.scalar_type());
  }

 private:
  // s, from what the network is told.
  double Noise(double told) const {
    switch (reading_.sigma_input) {
      case SigmaInput::kScalar:
      case SigmaInput::kMap:
        return told / reading_.sigma_scale;
      case SigmaInput::kLog:
      case SigmaInput::kLogMap:
        return std::exp(4 * told) / reading_.sigma_scale;
      case SigmaInput::kTimestep: {
        const auto& steps = reading_.schedule->AlphaBar();  // misread it is told of others
        const double last = static_cast<double>(steps.size() - 1);
        const double a = steps[static_cast<std::size_t>(std::clamp(told, 0.0, last))];
        return std::sqrt((1 - a) / a);
      }
      case SigmaInput::kNone:
        break;
    }
    throw Error("a blind optimum of Gaussian images is not in closed form");
  }

  torch::Tensor Solve(const torch::Tensor& matrix, const torch::Tensor& x) const {
    return torch::linalg_solve(matrix, x.unsqueeze(1)).squeeze(1);
  }

  torch::Tensor Output(const torch::Tensor& x, double s) const {
    const torch::Tensor I = torch::eye(x.numel(), torch::kFloat64);
    const double a = 1 / (1 + s * s);  // alpha_bar
    // Of x_t = sqrt(a) x_0 + sqrt(1 - a) z: E[z | x_t], and E[x_0 | x_t] from it.
    const auto z = [&](const torch::Tensor& x_t) {
      return std::sqrt(1 - a) * Solve(a * covariance_ + (1 - a) * I, x_t - std::sqrt(a) * mean_);
    };
    const auto score = [&](const torch::Tensor& v) {
      return -Solve(covariance_ + s * s * I, v - mean_);
    };
    switch (reading_.prediction) {
      case Prediction::kX0:
        return mean_ + covariance_.matmul(Solve(covariance_ + s * s * I, x - mean_));
      case Prediction::kResidual:
        return -s * s * score(x);
      case Prediction::kScore:
        return score(x);
      case Prediction::kEps:
        return z(x);
      case Prediction::kV: {
        const torch::Tensor eps = z(x), x_0 = (x - std::sqrt(1 - a) * eps) / std::sqrt(a);
        return std::sqrt(a) * eps - std::sqrt(1 - a) * x_0;
      }
      case Prediction::kEdm: {  // solves D = c_skip v + c_out F for the optimal D
        const double q = reading_.data_rms, scale = std::hypot(s, q);
        const torch::Tensor v = scale * x, D = v + s * s * score(v);
        return (D - q * q / (scale * scale) * v) / (s * q / scale);
      }
    }
    throw Error("prediction {}: unknown", static_cast<int>(reading_.prediction));
  }

  Parameterisation reading_;
  torch::Tensor mean_, covariance_;
  NetworkTraits traits_;
};

// The network of parameterisation `is`, read as `as`.
inline std::unique_ptr<NetworkDenoiser> GaussianDenoiser(const GaussianTruth& truth,
                                                         const Parameterisation& is,
                                                         const Parameterisation& as) {
  return std::make_unique<NetworkDenoiser>(
      "gaussian", std::make_shared<GaussianNetwork>(truth, is), as, std::nullopt);
}

}  // namespace denoscope
