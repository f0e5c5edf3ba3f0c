// How a denoiser is trained, and which of it decides the result.
#pragma once

#include <cstdint>

#include "denoscope/data/image_set.h"
#include "denoscope/files/json.h"
#include "denoscope/training/objective.h"
#include "denoscope/training/training_state.h"

namespace denoscope {

struct TrainOptions {
  std::int64_t steps = 8000;  // optimizer steps, >= 1
  std::int64_t batch = 64;    // images a step, >= 1
  OptimizerOptions optimizer;
  Objective objective;
  std::int64_t warmup = 200;              // steps of linear warm-up, >= 0
  double clip_norm = 1.0;                 // largest norm of the gradient, > 0
  double ema_decay = 0.999;               // of the averaged weights, a step, in [0, 1)
  SigmaRange sigmas = {0.02, 0};          // of the noise; high 0: 3 sqrt(lambda_0) of the images
  bool flips = false;                     // mirrors half of the images left to right
  std::int64_t validation_images = 1000;  // the last of the training split, never trained on, >= 2
  std::int64_t training_images = 0;       // the first of the split; 0: all that are not held out
  bool keep_last = false;                 // the model is the last average, not the best
  std::int64_t validate_every = 1000;     // steps between validations and checkpoints, >= 1
  std::int64_t patience = 0;  // stops after so many validations without a better one; 0: never
  std::uint64_t seed = 0;

  void Check() const;
};

// What a checkpoint must have been made with to be gone on with, and ranks must agree on: all but
// their number. `fresh`: images are drawn anew.
Json Identity(const TrainOptions& options,
              const ModelDescription& description,
              const ImageSet& images,
              bool fresh);

}  // namespace denoscope
