// --model: a model folder, or a linear denoiser fitted to the training split of --data.
#pragma once

#include <memory>
#include <string>

#include "denoscope/data/image_set.h"
#include "denoscope/denoise/denoiser.h"
#include "denoscope/files/json.h"

namespace denoscope {

struct OpenedModel {
  std::unique_ptr<Denoiser> denoiser;
  Json identity;  // name, sha256, parameters: for the record
};

// The training split behind PCA and Wiener, where it is installed.
struct TrainingReference {
  std::shared_ptr<const Pca> pca;  // null without a training split
  ImageShape shape;
  std::string sha256;
  std::string reason;  // why there is none
};
TrainingReference LoadTrainingReference(const std::string& data);

OpenedModel OpenModel(const std::string& argument, const TrainingReference& reference);

// Noise levels from --sigmas, each divided by --sigma-scale. "auto" gives an empty list.
std::vector<double> ReadSigmas(const std::string& list, double scale);

}  // namespace denoscope
