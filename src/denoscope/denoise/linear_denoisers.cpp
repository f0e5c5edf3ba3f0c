#include "denoscope/denoise/linear_denoisers.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/image/tensors.h"
#include "denoscope/theory/optimal/linear_gains.h"
#include "denoscope/theory/optimal/wiener.h"
#include "denoscope/theory/pca/pca_of_noisy.h"

namespace denoscope {
namespace {

using torch::Tensor;

DenoiserTraits TraitsOf(std::string name, const Pca& pca, const ImageShape& shape) {
  return TraitsOfShape(std::move(name), "the PCA is", pca.mean.size(), shape);
}

// Wiener's gains on the leading modes, or, blind, 1.
class PcaDenoiser final : public Denoiser {
 public:
  PcaDenoiser(std::shared_ptr<const Pca> pca, DenoiserTraits traits, Eigen::Index rank)
      : pca_(std::move(pca)), traits_(std::move(traits)), rank_(rank) {
    SetType(torch::kFloat32);
  }

  const DenoiserTraits& Traits() const override { return traits_; }

  void SetType(torch::ScalarType type) override {
    basis_ = ToTensor(Eigen::MatrixXd(pca_->basis.leftCols(rank_))).to(type);
    lambda_ = ToRow(pca_->eigenvalues.head(rank_)).to(type);
    mean_ = ToRow(pca_->mean).to(type);
  }

 protected:
  // In the basis u_k, image by image with its own gains: no matrix of a certain sigma is kept.
  Tensor Compute(const Tensor& y, const Tensor& sigma) const override {
    Tensor modes = (y.flatten(1) - mean_).matmul(basis_);
    if (traits_.conditioned) modes = modes * (lambda_ / (lambda_ + sigma.square().unsqueeze(1)));
    return (mean_ + modes.matmul(basis_.t())).reshape(y.sizes());
  }

 private:
  std::shared_ptr<const Pca> pca_;
  DenoiserTraits traits_;
  Eigen::Index rank_;
  Tensor basis_, lambda_, mean_;
};

// Modes whose eigenvalue is more than the rounding of d products; n images have at most n - 1.
Eigen::Index VaryingModes(const Pca& pca) {
  const double d = static_cast<double>(pca.mean.size());
  const double rounding = d * std::numeric_limits<double>::epsilon() * pca.eigenvalues[0];
  return std::min<Eigen::Index>((pca.eigenvalues.array() > rounding).count(), pca.n - 1);
}

class ShrunkDenoiser final : public Denoiser {
 public:
  ShrunkDenoiser(std::shared_ptr<const Pca> pca, DenoiserTraits traits)
      : pca_(std::move(pca)), traits_(std::move(traits)) {
    traits_.conditioned = true;
  }

  const DenoiserTraits& Traits() const override { return traits_; }
  void SetType(torch::ScalarType type) override { type_ = type; }

 protected:
  Tensor Compute(const Tensor& y, const Tensor& sigma) const override {
    const Tensor flat = y.flatten(1), sigmas = sigma.to(torch::kFloat64).contiguous();
    const double* const first = sigmas.data_ptr<double>();
    const double* const last = first + sigmas.numel();
    std::vector<Tensor> parts;
    for (const double* from = first; from != last;) {
      const double* const to = std::find_if(from, last, [&](double s) { return s != *from; });
      parts.push_back(Apply(Learned(*from), flat.slice(0, from - first, to - first)));
      from = to;
    }
    return at::cat(parts).reshape(y.sizes());
  }

 private:
  struct Level {
    Tensor mean, basis, gains;  // (1,d), (d,r), (1,r), float64; r gains above 0
  };
  static constexpr std::size_t kLevels = 32;
  static constexpr std::uint64_t kSeed = 0;

  Tensor Apply(const Level& level, const Tensor& y) const {
    const Tensor mean = level.mean.to(type_), basis = level.basis.to(type_);
    const Tensor modes = (y - mean).matmul(basis) * level.gains.to(type_);
    return mean + modes.matmul(basis.t());
  }

  const Level& Learned(double sigma) const {
    if (const auto known = levels_.find(sigma); known != levels_.end()) return known->second;
    if (levels_.size() == kLevels) levels_.clear();
    const Pca noisy = PcaOfNoisy(*pca_, sigma, kSeed);
    const double gamma =
        static_cast<double>(noisy.mean.size()) / static_cast<double>(noisy.n - 1);  // centred
    const Eigen::VectorXd gains =
        WienerGains(DebiasedVariances(noisy.eigenvalues, gamma, sigma), sigma);
    const Eigen::Index r = (gains.array() > 0).count();  // descending, as the eigenvalues
    const Level level = {ToRow(noisy.mean),
                         ToTensor(Eigen::MatrixXd(noisy.basis.leftCols(r))),
                         ToRow(gains.head(r))};
    return levels_.emplace(sigma, level).first->second;
  }

  std::shared_ptr<const Pca> pca_;
  DenoiserTraits traits_;
  torch::ScalarType type_ = torch::kFloat32;
  mutable std::map<double, Level> levels_;
};

}  // namespace

std::unique_ptr<Denoiser> MakeWienerDenoiser(std::shared_ptr<const Pca> pca,
                                             ImageShape shape,
                                             const std::string& name) {
  DenoiserTraits traits = TraitsOf(name, *pca, shape);
  traits.conditioned = true;
  const Eigen::Index all = pca->eigenvalues.size();
  return std::make_unique<PcaDenoiser>(std::move(pca), std::move(traits), all);
}

std::unique_ptr<Denoiser> MakeProjectionDenoiser(std::shared_ptr<const Pca> pca,
                                                 ImageShape shape,
                                                 Eigen::Index rank) {
  DenoiserTraits traits = TraitsOf(fmt::format("linear:projection:{}", rank), *pca, shape);
  if (const Eigen::Index most = VaryingModes(*pca); rank < 1 || rank > most)
    throw Error("denoiser '{}': rank is {}, expected 1 to {}, the modes of {} images of {} pixels",
                traits.name,
                rank,
                most,
                pca->n,
                shape.Size());
  return std::make_unique<PcaDenoiser>(std::move(pca), std::move(traits), rank);
}

std::unique_ptr<Denoiser> MakeShrunkDenoiser(std::shared_ptr<const Pca> pca, ImageShape shape) {
  DenoiserTraits traits = TraitsOf(fmt::format("linear:shrunk:{}", pca->n), *pca, shape);
  const std::int64_t d = shape.Size();
  CheckMemory(fmt::format("denoiser '{}'", traits.name), 64 * d * d, fmt::format("d = {}", d));
  return std::make_unique<ShrunkDenoiser>(std::move(pca), std::move(traits));
}

}  // namespace denoscope
