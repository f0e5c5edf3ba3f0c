// Denoising many held-out images, forwards only: the error by noise level and the resolved variance
// by PCA mode, beside the Wiener denoiser on the same images with the same noise.
//
//   R_k(sigma) = 1 - E[(u_k^T (x - D))^2] / E[(u_k^T (x - m))^2]
//
// is the share of the variance of mode k that the denoiser recovers: lambda_k/(lambda_k + sigma^2)
// for Wiener. Intervals come from images drawn again with replacement (bootstrap, Efron 1979); a
// replicate draws the same images at every noise level, so that its curves are curves.
#pragma once

#include <memory>

#include "denoscope/data/image_set.h"
#include "denoscope/data/noise.h"
#include "denoscope/denoise/denoiser.h"
#include "denoscope/measure/measure_options.h"
#include "denoscope/results/records.h"
#include "denoscope/theory/frequency/dct.h"

namespace denoscope {

// Images begin .. of a set and y = x + sigma z, the same for everything measured on them.
struct NoisyBatch {
  torch::Tensor x, y;        // (b,C,H,W), b = min(options.batch, images left)
  std::uint64_t stream = 0;  // of its noise; of one image set, each batch and level its own
};
NoisyBatch EvaluationBatch(const ImageSet& images,
                           std::int64_t begin,
                           const NoiseLevel& level,
                           const EvaluationOptions& options);

// How often each image is drawn in each replicate, (replicates, images), a row summing to images.
// The same at every noise level.
Eigen::MatrixXd BootstrapCounts(const EvaluationOptions& options, std::int64_t images);

// Directions that errors are resolved along: modes u_k in columns (d,m) about the mean (d), and the
// bands of the DCT. Each may be left out.
struct Directions {
  Eigen::MatrixXf basis;
  Eigen::VectorXd mean;
  const DctBasis* dct = nullptr;
};

struct EvaluationInput {
  const Denoiser& denoiser;
  const Denoiser* wiener;  // beside it; null: without what it is for
  const ImageSet& images;  // held out
};

// All of Evaluation but what needs derivatives.
Evaluation Evaluate(const EvaluationInput& input,
                    const Directions& directions,
                    const NoiseLevel& level,
                    const EvaluationOptions& options);

}  // namespace denoscope
