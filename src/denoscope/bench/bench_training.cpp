#include "denoscope/bench/bench_training.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "denoscope/base/process.h"
#include "denoscope/base/quantile.h"
#include "denoscope/bench/convolution_peak.h"
#include "denoscope/data/noise.h"
#include "denoscope/training/trainer.h"

namespace denoscope {

TrainingSpeed BenchTraining(const std::vector<std::int64_t>& features, int repeats) {
  ModelDescription description = ModelPreset("conditioned");
  description.unet.features = features;
  constexpr std::int64_t kImages = 2000, kSide = 28;
  TrainingSpeed speed;
  speed.gflop_an_image = 3 * description.Table().Gflop(kSide, kSide);
  const torch::Tensor bytes =
      (StandardNoise({kImages, 1, kSide, kSide}, 1, "bench/images") * 40 + 128)
          .clamp(0, 255)
          .to(torch::kUInt8);
  const ImageSet images("bench", "train", bytes, "none");
  TrainOptions options;
  options.validation_images = 2;
  options.steps = (kImages - 2) / options.batch + 5;  // more than an epoch
  speed.batch = options.batch;
  speed.epoch_steps = options.steps - 5;
  speed.conv_peak_gflops = ConvolutionPeakGflops();
  std::vector<double> rates;
  const auto sink = [&](const Progress& p) {
    if (p.done == 5 && speed.early_memory == 0) speed.early_memory = PeakMemory();
  };
  for (int i = 0; i <= repeats; ++i) {  // the first warms up
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / fmt::format("denoscope-bench-{}", ::getpid());
    const TrainReport report = Train(description, images, options, folder, sink);
    std::filesystem::remove_all(folder);
    speed.parameters = report.model.parameters;
    if (i == 0) speed.memory = PeakMemory();
    if (i > 0) rates.push_back(report.images_per_second);
  }
  speed.images_per_second = Quantile(rates, 0.5);
  speed.peak_share = speed.images_per_second * speed.gflop_an_image / speed.conv_peak_gflops;
  return speed;
}

}  // namespace denoscope
