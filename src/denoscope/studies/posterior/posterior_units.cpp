#include "denoscope/studies/posterior/posterior_units.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "denoscope/base/random.h"
#include "denoscope/image/tensors.h"
#include "denoscope/jacobian/dense_jacobian.h"
#include "denoscope/jacobian/jacobian_operator.h"
#include "denoscope/linalg/block_krylov.h"
#include "denoscope/linalg/stochastic.h"

namespace denoscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXf;
using torch::Tensor;

NoisyPair Noisy(
    const Tensor& x, double sigma, std::uint64_t seed, const std::string& stream, std::int64_t i) {
  return {x, x + sigma * StandardNoise(x.sizes(), seed, stream, static_cast<std::uint64_t>(i))};
}

Tensor Denoised(const Denoiser& denoiser, const Tensor& y, double sigma) {
  const at::NoGradGuard no_gradient;
  return denoiser.Denoise(y.unsqueeze(0), sigma)[0];
}

RitzPairs Components(const LinearOperator& J, std::int64_t count, std::uint64_t seed) {
  KrylovOptions options;
  options.count = count;
  options.seed = seed;
  if (J.Rows() <= kSmallImage) options.max_applications = 4 * J.Rows();
  return LeadingEigenpairs(SymmetricPart(J), options);
}

void AddComponents(const LinearOperator& J, const PosteriorOptions& options, Posterior& p) {
  const double variance = p.sigma * p.sigma;
  const RitzPairs pairs = Components(J, options.top, options.seed);
  p.variances = variance * pairs.values;
  p.variance_bounds = variance * pairs.residuals;
  p.angle_bounds = pairs.angle_bounds;
  p.cluster_sizes = pairs.cluster_sizes.cast<double>();
  p.components = pairs.vectors;
  p.converged = pairs.converged;
  p.applications = 2 * pairs.applications;  // of sym(J): one of J, one of J^T
  p.status = pairs.status;
}

void AddExactDiagonal(const MatrixXf& J, Posterior& p) {
  p.pixel_variances = p.sigma * p.sigma * J.diagonal().cast<double>();
  p.total_variance = p.pixel_variances.sum();
  const double norm = J.cast<double>().norm();
  p.asymmetry = norm > 0 ? (J - J.transpose()).cast<double>().norm() / norm : 0;
}

void AddRandomDiagonal(const LinearOperator& J, const PosteriorOptions& options, Posterior& p) {
  const double variance = p.sigma * p.sigma;
  const DiagonalEstimate diagonal = StochasticDiagonal(J, options.probes, options.seed);
  p.pixel_variances = variance * diagonal.values;
  p.pixel_errors = variance * diagonal.errors;
  p.total_variance = variance * diagonal.trace;
  p.total_error = variance * diagonal.trace_error;
  p.applications += diagonal.applications;
}

// The fixed directions in columns.
MatrixXf Columns(const CoverageDirections& directions, Index d) {
  const Index modes = directions.pca.cols();
  const auto pixels = static_cast<Index>(directions.pixels.size());
  MatrixXf B = MatrixXf::Zero(d, modes + pixels);
  if (modes > 0) B.leftCols(modes) = directions.pca;
  for (Index k = 0; k < pixels; ++k)
    B(directions.pixels[static_cast<std::size_t>(k)], modes + k) = 1;
  return B;
}

DirectionErrors Empty(const char* kind, Index images, Index directions) {
  return {kind, Eigen::MatrixXd(images, directions), Eigen::MatrixXd(images, directions)};
}

// Row i of `to`: errors and variances along the columns of B, JB = J B.
void Fill(Index i,
          const MatrixXf& B,
          const MatrixXf& JB,
          const Eigen::VectorXd& error,
          double sigma,
          DirectionErrors& to) {
  const Eigen::MatrixXd directions = B.cast<double>();
  to.errors.row(i) = (directions.transpose() * error).transpose();
  to.variances.row(i) = sigma * sigma * directions.cwiseProduct(JB.cast<double>()).colwise().sum();
}

}  // namespace

NoisyPair AnalysedImage(const ImageSet& images,
                        std::int64_t image,
                        const NoiseLevel& level,
                        std::uint64_t seed) {
  return Noisy(images.Images({image})[0], level.sigma, seed, CellStream(image, 0), level.index);
}

NoisyPair CoverageImage(const ImageSet& images,
                        std::int64_t image,
                        const NoiseLevel& level,
                        std::uint64_t seed) {
  const std::int64_t index = image + level.index * images.Count();
  return Noisy(images.Images({image})[0], level.sigma, seed, "posterior/coverage", index);
}

Posterior ComputePosterior(const Denoiser& denoiser,
                           const NoisyPair& at,
                           double sigma,
                           const PosteriorOptions& options) {
  Posterior p;
  p.sigma = sigma;
  p.clean = ToArray(at.x);
  p.noisy = ToArray(at.y);
  p.denoised = ToArray(Denoised(denoiser, at.y, sigma));
  const auto J = MakeJacobianOperator(denoiser, at.y, sigma);
  AddComponents(*J, options, p);
  if (at.y.numel() <= options.exact_up_to)
    AddExactDiagonal(ToMatrixF(DenseJacobian(denoiser, at.y, sigma).J), p);
  else
    AddRandomDiagonal(*J, options, p);
  return p;
}

std::vector<std::int64_t> RandomPixels(std::int64_t d, std::uint64_t seed) {
  RandomStream random(seed, "posterior/pixels");
  std::vector<std::int64_t> pixels = random.Permutation(d);
  pixels.resize(static_cast<std::size_t>(std::min(d, kPixelDirections)));
  std::sort(pixels.begin(), pixels.end());
  return pixels;
}

Coverage ComputeCoverage(const Denoiser& denoiser,
                         const ImageSet& images,
                         const CoverageDirections& directions,
                         const NoiseLevel& level,
                         const PosteriorOptions& options) {
  const std::int64_t n = std::min(options.coverage_images, images.Count());
  const std::int64_t own = std::min(options.component_images, n);
  const Index d = images.ImageSize().Size(), modes = directions.pca.cols();
  const MatrixXf B = Columns(directions, d);
  DirectionErrors pca = Empty("pca", n, modes), pixel = Empty("pixel", n, B.cols() - modes);
  DirectionErrors component = Empty("component", own, std::min<Index>(d, kOwnComponents));
  Coverage coverage;
  const double sigma = level.sigma;
  coverage.sigma = sigma;
  coverage.sigma_index = level.index;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto [x, y] = CoverageImage(images, i, level, options.seed);
    const Eigen::VectorXd error =
        ToVectorD(x.to(torch::kFloat64) - Denoised(denoiser, y, sigma).to(torch::kFloat64));
    const auto J = MakeJacobianOperator(denoiser, y, sigma);
    const MatrixXf JB = J->Apply(B);
    Fill(i, B.leftCols(modes), JB.leftCols(modes), error, sigma, pca);
    Fill(i,
         B.rightCols(pixel.errors.cols()),
         JB.rightCols(pixel.errors.cols()),
         error,
         sigma,
         pixel);
    if (i >= own) continue;
    const RitzPairs pairs = Components(*J, component.errors.cols(), options.seed);
    coverage.not_converged += pairs.complete ? 0 : 1;
    const MatrixXf JV = pairs.vectors * pairs.values.cast<float>().asDiagonal();
    Fill(i, pairs.vectors, JV, error, sigma, component);
  }
  if (modes > 0) coverage.kinds.push_back(std::move(pca));
  coverage.kinds.push_back(std::move(pixel));
  if (own > 0) coverage.kinds.push_back(std::move(component));
  return coverage;
}

}  // namespace denoscope
