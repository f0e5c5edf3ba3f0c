#include "denoscope/theory/optimal/mixture_denoiser.h"

#include <ATen/ATen.h>

#include <cmath>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/denoise/linear_denoisers.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

using torch::Tensor;

// A component of less weight for every image of a batch would add less than rounding to D and J.
const double kNegligibleLog = std::log(1e-30);

class MixtureDenoiser final : public Denoiser {
 public:
  MixtureDenoiser(const GaussianMixture& mixture, ImageShape shape) {
    std::int64_t n = 0;
    for (const auto& [weight, pca] : mixture.components) {
      parts_.push_back(
          {std::log(weight), ToRow(pca.mean), ToRow(pca.eigenvalues), ToTensor(pca.basis)});
      n += pca.n;
    }
    const std::string name = fmt::format("linear:mixture:{}:{}", parts_.size(), n);
    traits_ = TraitsOfShape(name, "components", mixture.Size(), shape);
    traits_.conditioned = true;
  }

  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType) override {}  // float64 inside, y's type outside

 protected:
  Tensor Compute(const Tensor& y, const Tensor& sigma) const override {
    const Tensor flat = y.flatten(1).to(torch::kFloat64);
    const Tensor variance = sigma.to(torch::kFloat64).square().unsqueeze(1);
    const std::vector<const Part*> parts = Counting(flat.detach(), variance);
    std::vector<Tensor> logs, estimates;
    for (const Part* part : parts) {
      const Tensor modes = part->Modes(flat);
      logs.push_back(part->LogWeight(modes, variance));
      estimates.push_back(part->Estimate(modes, variance));
    }
    if (parts.size() == 1) return estimates[0].to(y.scalar_type()).reshape(y.sizes());
    const Tensor weights = at::stack(logs, 1).softmax(1);  // (b, parts)
    Tensor D = weights.narrow(1, 0, 1) * estimates[0];
    for (std::size_t i = 1; i < parts.size(); ++i)
      D = D + weights.narrow(1, static_cast<std::int64_t>(i), 1) * estimates[i];
    return D.to(y.scalar_type()).reshape(y.sizes());
  }

 private:
  struct Part {
    double log_weight = 0;
    Tensor mean, lambda, basis;  // (1,d), (1,d), (d,d)

    Tensor Modes(const Tensor& y) const { return (y - mean).matmul(basis); }
    // log w up to what is the same for all parts. (b)
    Tensor LogWeight(const Tensor& modes, const Tensor& variance) const {
      const Tensor variances = lambda + variance;
      return log_weight - 0.5 * (modes.square() / variances + variances.log()).sum(1);
    }
    Tensor Estimate(const Tensor& modes, const Tensor& variance) const {
      return mean + (modes * (lambda / (lambda + variance))).matmul(basis.t());
    }
  };

  // Most images have one or two components alone in weight: derivatives go through those.
  std::vector<const Part*> Counting(const Tensor& y, const Tensor& variance) const {
    std::vector<Tensor> logs;
    for (const Part& part : parts_) logs.push_back(part.LogWeight(part.Modes(y), variance));
    const Tensor weights = at::stack(logs, 1);
    const Tensor counts = ((weights - weights.amax(1, /*keepdim=*/true)).amax(0) > kNegligibleLog);
    std::vector<const Part*> parts;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (counts[static_cast<std::int64_t>(i)].item<bool>()) parts.push_back(&parts_[i]);
    return parts;
  }

  DenoiserTraits traits_;
  std::vector<Part> parts_;
};

}  // namespace

std::unique_ptr<Denoiser> MakeMixtureDenoiser(const GaussianMixture& mixture, ImageShape shape) {
  mixture.Check();
  return std::make_unique<MixtureDenoiser>(mixture, shape);
}

}  // namespace denoscope
