// How far the Jacobian at y speaks for the denoiser around it, and for what a denoiser that must
// guess sigma may do.
#pragma once

#include <Eigen/Dense>

#include "denoscope/data/image_set.h"
#include "denoscope/data/noise.h"
#include "denoscope/denoise/denoiser.h"
#include "denoscope/results/records.h"

namespace denoscope {

// A noisy image, what it is denoised to, and the Jacobian there.
struct MeasuredPoint {
  NoisyPair pair;
  torch::Tensor denoised;  // (C,H,W)
  double sigma;
  const Eigen::MatrixXf& J;  // (d,d)
};

// Fills of `spectrum`:
//   local_noise   1 - E|D(y') - D(y) - J (y' - y)|^2 / E|D(y') - D(y)|^2 over 8 other draws
//                 y' of the noise on the same image,
//   local_images  the same with y' 8 other noisy images; NaN where the set has no other,
//   blind_allowance  |a b^T - b a^T|_F / |J|_F, a = dD/dln sigma, b = (y - D)/(sigma^2 d): the
//                 asymmetry that an optimum with these D would have if it had to guess sigma from
//                 |y - D| alone; NaN for a blind denoiser, whose a is not to be seen.
// `stream` names the random draws.
void AddSurroundings(const Denoiser& denoiser,
                     const ImageSet& images,
                     const MeasuredPoint& at,
                     std::uint64_t seed,
                     const std::string& stream,
                     Spectrum& spectrum);

}  // namespace denoscope
