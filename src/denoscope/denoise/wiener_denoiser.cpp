#include <ATen/ATen.h>

#include "denoscope/denoise/denoiser.h"
#include "denoscope/image/tensors.h"
#include "denoscope/theory/wiener.h"

namespace denoscope {
namespace {

class WienerDenoiser final : public Denoiser {
 public:
  WienerDenoiser(std::shared_ptr<const Pca> pca, ImageShape shape) : pca_(std::move(pca)) {
    traits_.name = "linear:wiener";
    traits_.channels = shape.C;
    traits_.fixed_shape = shape;
    traits_.conditioned = true;
    SetType(torch::kFloat32);
  }

  const DenoiserTraits& Traits() const override { return traits_; }

  void SetType(torch::ScalarType type) override {
    basis_ = ToTensor(pca_->basis).to(type);
    lambda_ = ToTensor(Eigen::MatrixXd(pca_->eigenvalues.transpose())).to(type);
    mean_ = ToTensor(Eigen::MatrixXd(pca_->mean.transpose())).to(type);
  }

 protected:
  // In the basis u_k, image by image with its own gains: no matrix of a certain sigma is kept.
  torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor& sigma) const override {
    const torch::Tensor variance = sigma.square().unsqueeze(1);
    const torch::Tensor gains = lambda_ / (lambda_ + variance);
    const torch::Tensor modes = (y.flatten(1) - mean_).matmul(basis_);
    return (mean_ + (modes * gains).matmul(basis_.t())).reshape(y.sizes());
  }

 private:
  std::shared_ptr<const Pca> pca_;
  DenoiserTraits traits_;
  torch::Tensor basis_, lambda_, mean_;
};

}  // namespace

std::unique_ptr<Denoiser> MakeWienerDenoiser(std::shared_ptr<const Pca> pca, ImageShape shape) {
  return std::make_unique<WienerDenoiser>(std::move(pca), shape);
}

}  // namespace denoscope
