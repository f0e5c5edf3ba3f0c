// The error of a denoiser on images held out of training, level by level, beside that of the Wiener
// denoiser. Ranks share the work, a unit of it being a level and a block of images, and add up in
// the order of one rank: the numbers do not depend on how many there are.
#pragma once

#include <cstdint>
#include <vector>

#include "denoscope/data/image_set.h"
#include "denoscope/denoise/denoiser.h"

namespace denoscope {

struct ValidationPoint {
  double sigma = 0;
  double mse = 0;         // per pixel
  double wiener_mse = 0;  // of the Wiener denoiser of the images trained on, same images and noise
};

// The noise levels of validation, of model cards and of verdicts.
const std::vector<double>& ReferenceSigmas();
std::vector<double> ReferenceSigmasWithin(const SigmaRange& range);  // may be none
// Those within the range; its middle where there are none.
std::vector<double> ValidationSigmas(const SigmaRange& range);

// The noise belongs to (seed, level, block). What goes wrong on one rank is thrown on all.
std::vector<ValidationPoint> Validate(const Denoiser& denoiser,
                                      const Denoiser& wiener,
                                      const ImageSet& held_out,
                                      const std::vector<double>& sigmas,
                                      std::uint64_t seed);

// The mean of log(mse / wiener_mse); 0 of none.
double Score(const std::vector<ValidationPoint>& points);

}  // namespace denoscope
