// Gaussian noise from named streams: y = x + sigma z, z ~ N(0, I).
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace denoscope {

struct NoiseLevel {
  double sigma = 0;
  std::int64_t index = 0;  // among the levels of a run: it decides the noise
};

struct NoisyPair {
  torch::Tensor x, y;  // (C,H,W): the clean image, or what a trajectory ends in; the noisy one
};

// z of the given shape, float32. The stream is Torch's CPU generator seeded by (seed, name, index).
torch::Tensor StandardNoise(at::IntArrayRef shape,
                            std::uint64_t seed,
                            std::string_view name,
                            std::uint64_t index = 0);

// The stream of the noise of a cell, the same in every job under one seed; its index is that of the
// noise level.
std::string CellStream(std::int64_t image, std::int64_t draw);

}  // namespace denoscope
