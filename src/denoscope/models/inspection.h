// What a denoiser is, as far as can be told from outside and from its table.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "denoscope/models/opened_model.h"

namespace denoscope {

struct InspectedModel {
  std::unique_ptr<Denoiser> denoiser;
  // name, channels, size_multiple, fixed_size, homogeneous, homogeneity_defect |D(3y) - 3D(y)| /
  // |3D(y)| at a random image, trained_sigmas; of a network also architecture, layers, how it is
  // read and receptive_field, null when that reaches as far as was looked.
  Json description;
  torch::Tensor image;          // (C,H,W), clean: its Jacobian is tested around it,
  double sigma = 0;             // at this noise level
  std::int64_t trained_on = 0;  // the first images of the training split; 0: not known
};

// To be tested around a small random image, at a noise level that it was trained on.
InspectedModel InspectNetwork(LoadedModel model,
                              const TrainingReference& reference,
                              std::uint64_t seed);
// Fitted to the reference; to be tested where its derivative is not nearly 0 or 1: around the mean
// image, with the noise that half resolves the leading mode.
InspectedModel InspectLinear(OpenedModel model,
                             const TrainingReference& reference,
                             std::uint64_t seed);

// Noise levels for a verdict: those of reference that it was trained on, else the ends of its
// range.
std::vector<double> SigmasToJudgeAt(const DenoiserTraits& traits);

}  // namespace denoscope
