#include "denoscope/training/training_batch.h"

#include <torch/types.h>

#include <vector>

#include "denoscope/data/noise.h"

namespace denoscope {

TrainingBatch DrawTrainingBatch(TrainingImages& images,
                                const ModelDescription& description,
                                const TrainOptions& options,
                                std::int64_t step,
                                const PieceRange& part) {
  const auto index = static_cast<std::uint64_t>(step);
  TrainingBatch batch;
  batch.x = images.Batch(step, options.flips, part);
  RandomStream random(options.seed, "train/sigma", index);
  const std::vector<double> all =
      DrawSigmas(options.objective, *description.trained_sigmas, options.batch, random);
  const std::vector<double> sigmas(all.begin() + part.begin, all.begin() + part.end);
  std::vector<double> weights;
  for (const double sigma : sigmas)
    weights.push_back(LossWeight(options.objective, sigma, description.parameterisation.data_rms));
  batch.sigma = torch::tensor(sigmas, torch::kFloat64);
  batch.weight = torch::tensor(weights, torch::kFloat64).to(torch::kFloat32).view({-1, 1, 1, 1});
  std::vector<std::int64_t> shape = batch.x.sizes().vec();
  shape[0] = options.batch;
  const torch::Tensor z = StandardNoise(shape, options.seed, "train/noise", index);
  batch.y = batch.x +
            batch.sigma.to(torch::kFloat32).view({-1, 1, 1, 1}) * z.slice(0, part.begin, part.end);
  return batch;
}

}  // namespace denoscope
