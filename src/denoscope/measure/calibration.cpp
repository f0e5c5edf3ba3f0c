#include "denoscope/measure/calibration.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/data/noise.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/autograd_products.h"
#include "denoscope/measure/ratio_of_means.h"

namespace denoscope {
namespace {

torch::Tensor Signs(at::IntArrayRef shape,
                    std::uint64_t seed,
                    const char* stream,
                    std::uint64_t index) {
  const torch::Tensor normals = StandardNoise(shape, seed, stream, index);
  return at::where(normals < 0, -at::ones_like(normals), at::ones_like(normals));
}

// Signs s of the modes and of the pixels outside them, (B,d): z = U s + (I - U U^T) r.
torch::Tensor Probe(const torch::Tensor& signs,
                    const torch::Tensor& pixels,
                    const torch::Tensor& U) {
  return (signs - pixels.matmul(U)).matmul(U.t()) + pixels;
}

}  // namespace

Calibration Calibrate(const EvaluationInput& input,
                      const Directions& directions,
                      const NoiseLevel& level,
                      const EvaluationOptions& options) {
  options.Check();
  const auto& [denoiser, wiener, images] = input;
  const auto& [basis, mean, bands] = directions;
  const double sigma = level.sigma;
  const std::int64_t n = std::min(options.images, images.Count());
  const Eigen::Index m = basis.cols();
  const double variance = sigma * sigma;
  const torch::Tensor U = ToTensor(basis);
  const torch::Tensor centre = ToRow(mean).to(torch::kFloat32);
  Eigen::VectorXd foretold(n), made(n), apart(n), linear(n), together(n), kept(n);
  Eigen::MatrixXd mode_gains(n, m), mode_made(n, m);
  for (std::int64_t begin = 0; begin < n; begin += options.batch) {
    StopIfCancelled("calibration");
    const NoisyBatch batch = EvaluationBatch(images, begin, level, options);
    const std::int64_t rows = batch.x.size(0);
    const auto signs_of = [&](std::int64_t count, const char* stream) {
      return Signs({rows, count}, options.seed, stream, batch.stream);
    };
    torch::Tensor z = signs_of(batch.x[0].numel(), "evaluation/probe"), signs;
    if (m > 0) {
      signs = signs_of(m, "evaluation/probe of modes");
      z = Probe(signs, z, U);
    }
    const torch::Tensor cotangents = z.view_as(batch.x);
    torch::Tensor estimate;
    const torch::Tensor products =
        PullEach(denoiser, batch.y, sigma, cotangents, &estimate).flatten(1);
    const torch::Tensor error = (batch.x - estimate).flatten(1);
    const auto sums = [](const torch::Tensor& t) {
      return ToVectorD(t.to(torch::kFloat64).sum(1));
    };
    foretold.segment(begin, rows) = variance * sums(z * products);
    made.segment(begin, rows) = sums(error.square());
    if (mean.size() > 0) {
      const torch::Tensor centred = estimate.flatten(1) - centre;
      kept.segment(begin, rows) = sums(centred.square());
      together.segment(begin, rows) = sums(centred * (error + centred));
    }
    if (m > 0) {
      mode_gains.middleRows(begin, rows) = ToMatrixD(signs * products.matmul(U));
      mode_made.middleRows(begin, rows) = ToMatrixD(error.matmul(U).square());
    }
    if (!wiener) continue;
    const torch::Tensor others = PullEach(*wiener, batch.y, sigma, cotangents).flatten(1);
    apart.segment(begin, rows) = sums((products - others).square());
    linear.segment(begin, rows) = sums(others.square());
  }

  Calibration c;
  c.images = n;
  c.sigma = sigma;
  c.whole = RatioOfMeans(foretold, made);
  if (mean.size() > 0) c.slope = RatioOfMeans(together, kept);
  c.gains = c.gain_errors = c.ratios = c.ratio_errors = Eigen::VectorXd(m);
  for (Eigen::Index k = 0; k < m; ++k) {
    const MeanRatio gain = RatioOfMeans(mode_gains.col(k), Eigen::VectorXd::Ones(n));
    const MeanRatio ratio = RatioOfMeans(variance * mode_gains.col(k), mode_made.col(k));
    c.gains[k] = gain.value;
    c.gain_errors[k] = gain.error;
    c.ratios[k] = ratio.value;
    c.ratio_errors[k] = ratio.error;
  }
  if (m > 0)
    c.gain_replicates =
        (BootstrapCounts(options, n) * mode_gains / static_cast<double>(n)).cast<float>();
  if (wiener) {
    const MeanRatio square = RatioOfMeans(apart, linear);
    const double root = std::sqrt(square.value);
    c.distance = {root, root > 0 ? square.error / (2 * root) : 0};
  }
  return c;
}

}  // namespace denoscope
