// The denoisers fitted to the training split: linear:projection:R, and on the first N images or all
// of them linear:wiener[:N], linear:shrunk[:N], linear:empirical[:N], linear:mixture:K[:N].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "denoscope/denoise/null_denoisers.h"
#include "denoscope/models/opened_model.h"

namespace denoscope {

std::string LinearModelNames();  // for messages

// UsageError, which begins with the quoted name, for one that is none of these. The identity has n,
// rank of a projection and clusters, K, of a mixture.
OpenedModel OpenLinearModel(const std::string& name, const TrainingReference& reference);

// What is measured beside a model: denoisers that are none and, where there is a training split,
// the one that memorises its first images.
std::vector<NullDenoiser> ComparedDenoisers(const Denoiser& model,
                                            const TrainingReference& reference,
                                            std::uint64_t seed);

}  // namespace denoscope
