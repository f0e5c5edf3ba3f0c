// Training of a denoiser on clean images: the objective of objective.h, Adam or AdamW with linear
// warm-up and cosine decay, gradients clipped by norm, an exponential moving average of the
// weights. The result is the average that did best on the held-out images, or the last: what does
// best on others is no longer what training on few images leads to.
//
// Every random number belongs to (seed, step), so that a training that was stopped and resumed
// gives the same weights, bit for bit, as one that never stopped.
//
// The ranks of a job (ranks.h) train together: each takes its part of every batch, the gradients of
// the parts are added up by one collective call a step (step_sum.h), and every rank takes the same
// step. Images, noise levels and noise are those that one rank would see, and so, but for the
// rounding of sums, is the loss; a checkpoint may go on with another number of ranks. Of a network
// with batch normalisation the statistics are those of the whole batch (batch_deviation.h), at the
// price of more collective calls.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/base/progress.h"
#include "denoscope/denoise/model_folder.h"
#include "denoscope/training/train_options.h"
#include "denoscope/training/training_images.h"
#include "denoscope/training/validation.h"

namespace denoscope {

struct TrainReport {
  std::int64_t steps = 0, images = 0, best_step = 0;
  double seconds = 0;  // of this run alone
  double images_per_second = 0;
  double waiting_share = 0;  // of the time, spent on images before the network could begin
  double summing_share = 0;  // of it, spent on adding gradients over ranks and waiting for them
  std::vector<ValidationPoint> validation;  // of the model
  LoadedModel model;                        // on rank 0 alone
};

// Trains into `folder`: metrics.jsonl (a line a validation) and checkpoint.safetensors on the way,
// at every validation and once a minute; the model in the end, when the checkpoint goes. Best is
// the least mean of log(mse / wiener_mse) over the levels of validation. Resumes from a checkpoint
// made with the same options; throws if it was made with others, if the folder holds a finished
// model or another program trains in it, or if the loss is not finite (naming the step; the last
// checkpoint stays). Throws Interrupted after saving when cancelled. `description` comes with
// sigmas and data_rms still unset: they are read off the images. `fresh`: see TrainingImages.
// Ranks meet: every one calls, and what is thrown on one is thrown on all; rank 0 alone writes.
TrainReport Train(ModelDescription description,
                  const ImageSet& images,
                  const TrainOptions& options,
                  const std::filesystem::path& folder,
                  const ProgressSink& progress,
                  const FreshImages& fresh = {});

}  // namespace denoscope
