// A denoiser with what is recorded of it.
#pragma once

#include <cstdint>
#include <memory>

#include "denoscope/data/training_reference.h"
#include "denoscope/denoise/model_folder.h"
#include "denoscope/files/json.h"

namespace denoscope {

struct OpenedModel {
  std::unique_ptr<Denoiser> denoiser;
  Json identity;  // name, sha256, parameters, ..: for the record
};

// A network. The identity has its architecture, how it is read, its place in a checkpoint and,
// where known, n, the images that it was trained on.
OpenedModel Identified(LoadedModel model, const TrainingReference& reference);

// How many images a network was trained on, the first of the training split, as far as its record
// and the set named there say; 0: unknown.
std::int64_t ImagesTrainedOn(const Json& training, const TrainingReference& reference);

}  // namespace denoscope
