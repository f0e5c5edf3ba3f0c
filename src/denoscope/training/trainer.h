// Training of a denoiser on clean images: y = x + sigma z, sigma log-uniform over a range, and the
// loss w(sigma) |D(y, sigma) - x|^2 / d with w = (sigma^2 + q^2) / (sigma q)^2 (Karras et al. 2022,
// table 1), which asks for the same relative accuracy at every noise level.
//
// Adam with linear warm-up and cosine decay, gradients clipped by norm, an exponential moving
// average of the weights as the result. Every random number belongs to (seed, step), so that a
// training that was stopped and resumed gives the same weights, bit for bit, as one that never
// stopped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/data/image_set.h"
#include "denoscope/denoise/model_folder.h"

namespace denoscope {

struct TrainOptions {
  std::int64_t steps = 8000;              // optimizer steps, >= 1
  std::int64_t batch = 64;                // images a step, >= 1
  double learning_rate = 1.5e-3;          // highest, after the warm-up, > 0
  std::int64_t warmup = 200;              // steps of linear warm-up, >= 0
  double clip_norm = 1.0;                 // largest norm of the gradient, > 0
  double ema_decay = 0.999;               // of the averaged weights, a step, in [0, 1)
  SigmaRange sigmas = {0.02, 0};          // of the noise; high 0: 3 sqrt(lambda_0) of the images
  std::int64_t validation_images = 1000;  // the last of the training split, never trained on, >= 2
  std::int64_t validate_every = 1000;     // steps between validations and checkpoints, >= 1
  std::uint64_t seed = 0;

  void Check() const;
};

struct ValidationPoint {
  double sigma = 0;
  double mse = 0;         // per pixel, of the averaged weights
  double wiener_mse = 0;  // of the Wiener denoiser of the images trained on, same images and noise
};

struct TrainReport {
  std::int64_t steps = 0, images = 0;
  double seconds = 0;  // of this run alone
  double images_per_second = 0;
  std::vector<ValidationPoint> validation;
  LoadedModel model;
};

// The noise levels of validation and of model cards.
const std::vector<double>& ReferenceSigmas();

// Trains into `folder`: metrics.jsonl (a line a validation) and checkpoint.safetensors on the way,
// the model in the end, when the checkpoint goes. Resumes from a checkpoint made with the same
// options; throws if it was made with others, if the folder holds a finished model, or if the loss
// is not finite (naming the step; the last checkpoint stays). Throws Interrupted after saving when
// cancelled. `description` comes with sigmas and data_rms still unset: they are read off the
// images.
TrainReport Train(ModelDescription description,
                  const ImageSet& images,
                  const TrainOptions& options,
                  const std::filesystem::path& folder,
                  const ProgressSink& progress);

}  // namespace denoscope
