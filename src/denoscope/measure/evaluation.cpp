#include "denoscope/measure/evaluation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/cancel.h"
#include "denoscope/base/random.h"
#include "denoscope/data/noise.h"
#include "denoscope/image/quality.h"
#include "denoscope/image/tensors.h"
#include "denoscope/measure/ratio_of_means.h"

namespace denoscope {
namespace {

struct Errors {
  Eigen::VectorXd squared;  // (images), per pixel
  Eigen::MatrixXd modes;    // (images, m): (u_k^T (x - D))^2
  Eigen::MatrixXd bands;    // (images, G): energy of x - D
};

void SummarizeMse(const Eigen::VectorXd& squared, double& mse, double& standard_error) {
  const auto n = static_cast<double>(squared.size());
  mse = squared.mean();
  standard_error = std::sqrt((squared.array() - mse).square().sum() / (n - 1) / n);
}

// 1 - E[error] / E[energy], columns apart, over all images and over each replicate's.
void Resolve(const Eigen::MatrixXd& errors,
             const Eigen::MatrixXd& energy,
             const Eigen::MatrixXd& counts,
             Eigen::VectorXd& resolved,
             Eigen::MatrixXf& replicates) {
  resolved =
      1 - errors.colwise().sum().transpose().array() / energy.colwise().sum().transpose().array();
  replicates = (1 - (counts * errors).array() / (counts * energy).array()).cast<float>();
}

// Squares of images' coordinates along the modes, and their energies in the bands.
class Projector {
 public:
  explicit Projector(const Directions& directions)
      : directions_(directions), basis_(ToTensor(directions.basis)) {
    if (directions.dct) bands_ = MakeBands(*directions.dct);
    if (Modes() > 0) centre_ = ToRow(directions.mean).to(torch::kFloat32);
  }

  Eigen::Index Modes() const { return directions_.basis.cols(); }
  Eigen::Index Bands() const { return directions_.dct ? bands_.size.size() : 0; }
  const Eigen::VectorXd& BandSizes() const { return bands_.size; }
  torch::Tensor Centre(const torch::Tensor& like) const { return centre_.view_as(like[0]); }

  void Add(const torch::Tensor& images, std::int64_t begin, Errors& errors) const {
    const torch::Tensor flat = images.flatten(1);
    if (Modes() > 0)
      errors.modes.middleRows(begin, images.size(0)) = ToMatrixD(flat.matmul(basis_).square());
    if (Bands() > 0)
      errors.bands.middleRows(begin, images.size(0)) =
          BandEnergies(*directions_.dct, bands_, ToMatrixD(flat).transpose()).transpose();
  }

 private:
  const Directions& directions_;
  torch::Tensor basis_, centre_;
  DctBands bands_;
};

// The share of the variance of D over images that another denoiser W explains.
class VarianceExplained {
 public:
  explicit VarianceExplained(std::int64_t d) : sum_(torch::zeros({d}, torch::kFloat64)) {}

  void Add(const torch::Tensor& D, const torch::Tensor& W) {
    const torch::Tensor estimates = D.flatten(1).to(torch::kFloat64);
    sum_ += estimates.sum(0);
    squares_ += estimates.square().sum().item<double>();
    apart_ += (estimates - W.flatten(1)).square().sum().item<double>();
    images_ += static_cast<double>(D.size(0));
  }

  double Share() const {
    return 1 - apart_ / (squares_ - sum_.square().sum().item<double>() / images_);
  }

 private:
  torch::Tensor sum_;
  double squares_ = 0, apart_ = 0, images_ = 0;
};

}  // namespace

NoisyBatch EvaluationBatch(const ImageSet& images,
                           std::int64_t begin,
                           const NoiseLevel& level,
                           const EvaluationOptions& options) {
  const std::int64_t count = std::min(options.images, images.Count());
  const torch::Tensor x = images.Range(begin, std::min(begin + options.batch, count));
  const auto stream = static_cast<std::uint64_t>(begin + level.index * images.Count());
  const torch::Tensor z = StandardNoise(x.sizes(), options.seed, "evaluation/noise", stream);
  return {x, x + level.sigma * z, stream};
}

Eigen::MatrixXd BootstrapCounts(const EvaluationOptions& options, std::int64_t images) {
  Eigen::MatrixXd counts = Eigen::MatrixXd::Zero(options.replicates, images);
  for (std::int64_t r = 0; r < options.replicates; ++r) {
    RandomStream stream(options.seed, "evaluation/bootstrap", static_cast<std::uint64_t>(r));
    for (std::int64_t i = 0; i < images; ++i)
      counts(r, static_cast<Eigen::Index>(stream.Below(static_cast<std::uint64_t>(images)))) += 1;
  }
  return counts;
}

Evaluation Evaluate(const EvaluationInput& input,
                    const Directions& directions,
                    const NoiseLevel& level,
                    const EvaluationOptions& options) {
  options.Check();
  const auto& [denoiser, wiener, images] = input;
  const at::NoGradGuard no_gradient;
  const std::int64_t n = std::min(options.images, images.Count());
  const Projector projector(directions);
  const Eigen::Index m = projector.Modes(), G = projector.Bands();
  Errors deep{Eigen::VectorXd(n), Eigen::MatrixXd(n, m), Eigen::MatrixXd(n, G)};
  Errors linear = deep, energy = deep;
  VarianceExplained explained(images.ImageSize().Size());
  for (std::int64_t begin = 0; begin < n; begin += options.batch) {
    StopIfCancelled("evaluation");
    const auto [x, y, stream] = EvaluationBatch(images, begin, level, options);
    const auto add = [&, &x = x, &y = y](const Denoiser& which, Errors& errors) {
      torch::Tensor estimate = which.Denoise(y, level.sigma);
      errors.squared.segment(begin, x.size(0)) = ToVectorD(SquaredErrors(estimate, x));
      projector.Add(x - estimate, begin, errors);
      return estimate;
    };
    const torch::Tensor D = add(denoiser, deep);
    if (wiener) explained.Add(D, add(*wiener, linear));
    if (m > 0) projector.Add(x - projector.Centre(x), begin, energy);
  }

  Evaluation e;
  e.sigma = level.sigma;
  e.sigma_index = level.index;
  e.images = n;
  SummarizeMse(deep.squared, e.mse, e.mse_error);
  if (wiener) {
    SummarizeMse(linear.squared, e.linear_mse, e.linear_mse_error);
    e.ratio_error = RatioOfMeans(deep.squared, linear.squared).error;
    e.linear_explained = explained.Share();
  }
  if (m == 0 || !wiener) return e;
  const Eigen::MatrixXd counts = BootstrapCounts(options, n);
  e.mode_error = deep.modes.colwise().mean();
  e.linear_mode_error = linear.modes.colwise().mean();
  Resolve(deep.modes, energy.modes, counts, e.resolved, e.replicates);
  Resolve(linear.modes, energy.modes, counts, e.linear_resolved, e.linear_replicates);
  if (G == 0) return e;
  e.band_variance = energy.bands.colwise().mean().transpose().cwiseQuotient(projector.BandSizes());
  Resolve(deep.bands, energy.bands, counts, e.band_resolved, e.band_replicates);
  Resolve(linear.bands, energy.bands, counts, e.linear_band_resolved, e.linear_band_replicates);
  return e;
}

}  // namespace denoscope
