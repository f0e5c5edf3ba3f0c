// What the loss of one step is made of: clean images, the same with noise, levels and weights.
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "denoscope/training/train_options.h"
#include "denoscope/training/training_images.h"

namespace denoscope {

struct TrainingBatch {
  torch::Tensor x, y;    // (B,C,H,W)
  torch::Tensor sigma;   // (B), float64
  torch::Tensor weight;  // (B,1,1,1), of the squared error
};

// Images part.begin .. part.end - 1 of the batch of a step. Random numbers belong to (seed, step)
// and the whole batch, from which the part's are cut: that is cheap beside a network.
TrainingBatch DrawTrainingBatch(TrainingImages& images,
                                const ModelDescription& description,
                                const TrainOptions& options,
                                std::int64_t step,
                                const PieceRange& part);

}  // namespace denoscope
