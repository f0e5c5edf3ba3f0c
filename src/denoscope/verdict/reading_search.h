// Which reading makes a denoiser of a network? Every prediction with every way to be told of the
// noise that the network can take, on the usual ranges of pixels, is tried on clean images with
// noise; the one of least error is how it was trained, where the errors differ at all. Readings
// that give the same map cannot be told apart.
#pragma once

#include <vector>

#include "denoscope/data/image_set.h"
#include "denoscope/denoise/network_denoiser.h"

namespace denoscope {

struct ReadingFit {
  Parameterisation reading;
  Eigen::VectorXd mse;  // per pixel, by noise level; NaN where the reading has no such level
  double score = 0;     // mean of ln(mse / sigma^2) over the levels that it has
  bool declared = false;
};

// The usual readings that fit the network's inputs, the declared one first.
std::vector<Parameterisation> UsualReadings(const NetworkDenoiser& declared);

// Each of them that has at least half of the noise levels, best first. Forwards of the first
// `images` of the set.
std::vector<ReadingFit> FitReadings(const NetworkDenoiser& declared,
                                    const ImageSet& set,
                                    std::int64_t images,
                                    const std::vector<double>& sigmas,
                                    std::uint64_t seed);

}  // namespace denoscope
