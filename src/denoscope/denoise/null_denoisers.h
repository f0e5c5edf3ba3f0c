// Denoisers that are none, for comparison: what a measure shows of these it does not show of
// denoising.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "denoscope/denoise/denoiser.h"

namespace denoscope {

// D(y) = scale y, of any shape: identity (1) or zero (0).
std::unique_ptr<Denoiser> MakeScaledDenoiser(std::string name, double scale);

struct NullDenoiser {
  std::string name;  // "identity", "zero", "shuffled"
  std::unique_ptr<Denoiser> denoiser;
};

// identity and zero; of a network read as a denoiser also itself with the entries of each weight
// tensor shuffled: the same architecture, reading and sizes of weights, nothing learned.
std::vector<NullDenoiser> MakeNullDenoisers(const Denoiser& denoiser, std::uint64_t seed);

}  // namespace denoscope
