#include "denoscope/measure/surroundings.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/random.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

constexpr std::int64_t kOthers = 8;

// others (B,C,H,W), noisy.
double ShareExplained(const Denoiser& denoiser,
                      const torch::Tensor& others,
                      const MeasuredPoint& at) {
  const at::NoGradGuard no_gradient;
  const torch::Tensor moved = (denoiser.Denoise(others, at.sigma) - at.denoised).flatten(1);
  const torch::Tensor steps = (others - at.pair.y).flatten(1);
  const Eigen::MatrixXf D = ToMatrixF(moved).transpose(), v = ToMatrixF(steps).transpose();
  return 1 - (D - at.J * v).squaredNorm() / D.squaredNorm();
}

double BlindAllowance(const Denoiser& denoiser, const MeasuredPoint& at) {
  if (!denoiser.Traits().conditioned) return kNotComputed;
  constexpr double kStep = 0.01;  // of ln sigma
  const at::NoGradGuard no_gradient;
  const torch::Tensor y = at.pair.y.unsqueeze(0);
  const torch::Tensor difference = denoiser.Denoise(y, at.sigma * std::exp(kStep)) -
                                   denoiser.Denoise(y, at.sigma * std::exp(-kStep));
  const Eigen::VectorXd a = ToVectorD(difference[0]) / (2 * kStep);
  const Eigen::VectorXd b = ToVectorD(at.pair.y - at.denoised) /
                            (at.sigma * at.sigma * static_cast<double>(at.pair.y.numel()));
  const double skew = a.squaredNorm() * b.squaredNorm() - std::pow(a.dot(b), 2);
  return std::sqrt(2 * std::max(0.0, skew)) / at.J.cast<double>().norm();
}

// Noisy images other than x, drawn from the set; none where it has one image alone.
torch::Tensor OtherImages(const ImageSet& images,
                          const MeasuredPoint& at,
                          std::uint64_t seed,
                          const std::string& stream) {
  RandomStream random(seed, stream + "/images", 0);
  std::vector<std::int64_t> indices;
  while (static_cast<std::int64_t>(indices.size()) < std::min(kOthers, images.Count() - 1)) {
    const auto i =
        static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(images.Count())));
    if (!torch::equal(images.Images({i})[0], at.pair.x)) indices.push_back(i);
  }
  return images.Images(indices);
}

}  // namespace

void AddSurroundings(const Denoiser& denoiser,
                     const ImageSet& images,
                     const MeasuredPoint& at,
                     std::uint64_t seed,
                     const std::string& stream,
                     Spectrum& spectrum) {
  std::vector<std::int64_t> shape = at.pair.x.sizes().vec();
  shape.insert(shape.begin(), kOthers);
  const torch::Tensor noise = at.sigma * StandardNoise(shape, seed, stream + "/noise");
  spectrum.local_noise = ShareExplained(denoiser, at.pair.x + noise, at);
  if (images.Count() > 1) {
    const torch::Tensor others = OtherImages(images, at, seed, stream);
    spectrum.local_images =
        ShareExplained(denoiser, others + noise.slice(0, 0, others.size(0)), at);
  }
  spectrum.blind_allowance = BlindAllowance(denoiser, at);
}

}  // namespace denoscope
