#include "denoscope/analysis/evaluation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "denoscope/analysis/ratio_of_means.h"
#include "denoscope/base/cancel.h"
#include "denoscope/base/random.h"
#include "denoscope/data/noise.h"
#include "denoscope/image/quality.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

// How often each image is drawn in each replicate, (replicates, images), a row summing to images.
Eigen::MatrixXd BootstrapCounts(std::int64_t replicates, std::int64_t images, std::uint64_t seed) {
  Eigen::MatrixXd counts = Eigen::MatrixXd::Zero(replicates, images);
  for (std::int64_t r = 0; r < replicates; ++r) {
    RandomStream stream(seed, "evaluation/bootstrap", static_cast<std::uint64_t>(r));
    for (std::int64_t i = 0; i < images; ++i)
      counts(r, static_cast<Eigen::Index>(stream.Below(static_cast<std::uint64_t>(images)))) += 1;
  }
  return counts;
}

struct Errors {
  Eigen::VectorXd squared;  // (images), per pixel
  Eigen::MatrixXd modes;    // (images, m): (u_k^T (x - D))^2
};

void SummarizeMse(const Eigen::VectorXd& squared, double& mse, double& standard_error) {
  const auto n = static_cast<double>(squared.size());
  mse = squared.mean();
  standard_error = std::sqrt((squared.array() - mse).square().sum() / (n - 1) / n);
}

Eigen::VectorXd Resolved(const Eigen::VectorXd& error, const Eigen::VectorXd& variance) {
  return 1 - (error.array() / variance.array());
}

}  // namespace

void EvaluationOptions::Check() const {
  if (images == 1 || images < 0 || replicates < 20 || batch < 1)
    throw Error(
        "evaluation: expected 0 or at least 2 images, 20 replicates and a batch of 1, found {}, "
        "{}, {}",
        images,
        replicates,
        batch);
}

NoisyBatch EvaluationBatch(const ImageSet& images,
                           std::int64_t begin,
                           double sigma,
                           std::int64_t sigma_index,
                           const EvaluationOptions& options) {
  const std::int64_t count = std::min(options.images, images.Count());
  const torch::Tensor x = images.Range(begin, std::min(begin + options.batch, count));
  const auto stream = static_cast<std::uint64_t>(begin + sigma_index * images.Count());
  const torch::Tensor z = StandardNoise(x.sizes(), options.seed, "evaluation/noise", stream);
  return {x, x + sigma * z, stream};
}

Evaluation Evaluate(const Denoiser& denoiser,
                    const Denoiser* wiener,
                    const ImageSet& images,
                    const Eigen::MatrixXf& basis,
                    const Eigen::VectorXd& mean,
                    double sigma,
                    std::int64_t sigma_index,
                    const EvaluationOptions& options) {
  options.Check();
  const at::NoGradGuard no_gradient;
  const std::int64_t n = std::min(options.images, images.Count());
  const Eigen::Index m = basis.cols();
  const torch::Tensor U = ToTensor(basis);
  const torch::Tensor centre =
      m > 0 ? ToTensor(Eigen::MatrixXd(mean.transpose())).to(torch::kFloat32) : torch::Tensor();
  Errors deep{Eigen::VectorXd(n), Eigen::MatrixXd(n, m)};
  Errors linear = deep;
  Eigen::MatrixXd energy(n, m);
  for (std::int64_t begin = 0; begin < n; begin += options.batch) {
    StopIfCancelled("evaluation");
    const auto [x, y, stream] = EvaluationBatch(images, begin, sigma, sigma_index, options);
    const std::int64_t rows = x.size(0);
    const auto squares = [&](const torch::Tensor& images_like) {
      return ToMatrixD(images_like.flatten(1).matmul(U).square());
    };
    const auto add = [&](const Denoiser& which, Errors& errors) {
      const torch::Tensor estimate = which.Denoise(y, sigma);
      errors.squared.segment(begin, rows) = ToVectorD(SquaredErrors(estimate, x));
      if (m > 0) errors.modes.middleRows(begin, rows) = squares(x - estimate);
    };
    add(denoiser, deep);
    if (wiener) add(*wiener, linear);
    if (m > 0) energy.middleRows(begin, rows) = squares(x.flatten(1) - centre);
  }

  Evaluation e;
  e.sigma = sigma;
  e.sigma_index = sigma_index;
  e.images = n;
  SummarizeMse(deep.squared, e.mse, e.mse_error);
  if (wiener) {
    SummarizeMse(linear.squared, e.linear_mse, e.linear_mse_error);
    e.ratio_error = RatioOfMeans(deep.squared, linear.squared).error;
  }
  if (m == 0 || !wiener) return e;
  const Eigen::VectorXd variance = energy.colwise().mean();
  e.mode_error = deep.modes.colwise().mean();
  e.linear_mode_error = linear.modes.colwise().mean();
  e.resolved = Resolved(e.mode_error, variance);
  e.linear_resolved = Resolved(e.linear_mode_error, variance);
  const Eigen::MatrixXd counts = BootstrapCounts(options.replicates, n, options.seed);
  const Eigen::MatrixXd drawn = counts * energy;
  e.replicates = (1 - (counts * deep.modes).array() / drawn.array()).cast<float>();
  e.linear_replicates = (1 - (counts * linear.modes).array() / drawn.array()).cast<float>();
  return e;
}

}  // namespace denoscope
