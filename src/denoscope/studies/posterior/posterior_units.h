// The two units of a posterior study, both from products with the Jacobian at a noisy image. If D
// is the optimum E[x|y], then Cov[x|y] = sigma^2 J (Tweedie; Manor & Michaeli 2024 use it so), and
// the leading eigenvectors of it are the directions in which the clean image is least certain.
//
// A trained D is not the optimum, its J not symmetric: components are those of
// sym(J) = (J + J^T)/2, the part that b^T J b sees, and their variances are a claim that coverage
// puts to the test.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

#include "denoscope/data/image_set.h"
#include "denoscope/data/noise.h"
#include "denoscope/denoise/denoiser.h"
#include "denoscope/results/posterior_record.h"
#include "denoscope/studies/posterior/posterior_options.h"

namespace denoscope {

// Of the unit of an image, and of the coverage at a noise level. The noise of the first is that of
// `analyze` under the same seed and index of the noise level.
NoisyPair AnalysedImage(const ImageSet& images,
                        std::int64_t image,
                        const NoiseLevel& level,
                        std::uint64_t seed);
NoisyPair CoverageImage(const ImageSet& images,
                        std::int64_t image,
                        const NoiseLevel& level,
                        std::uint64_t seed);

// Components by block Krylov, without the matrix. Diagonal and trace: exact up to exact_up_to
// (d vectors through the network), beyond it from `probes` random vectors, with errors.
Posterior ComputePosterior(const Denoiser& denoiser,
                           const NoisyPair& at,
                           double sigma,
                           const PosteriorOptions& options);

// Fixed directions: unit vectors of PCA and of pixels, for every image the same.
struct CoverageDirections {
  Eigen::MatrixXf pca;               // (d,m), m = 0 without a training set
  std::vector<std::int64_t> pixels;  // indices into the d
};
constexpr std::int64_t kModeDirections = 32, kPixelDirections = 32, kOwnComponents = 4;

// kPixelDirections random pixels, fewer of a smaller image, ascending.
std::vector<std::int64_t> RandomPixels(std::int64_t d, std::uint64_t seed);

// One block of products an image for the fixed directions, and for the first component_images the
// leading kOwnComponents components of each, found by block Krylov.
Coverage ComputeCoverage(const Denoiser& denoiser,
                         const ImageSet& images,
                         const CoverageDirections& directions,
                         const NoiseLevel& level,
                         const PosteriorOptions& options);

}  // namespace denoscope
