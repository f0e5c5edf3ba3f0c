// The whole loop of training, on images at hand, beside the convolution peak: a step costs three
// times the forward's products, its own and those of both gradients.
#pragma once

#include <cstdint>
#include <vector>

namespace denoscope {

struct TrainingSpeed {
  std::int64_t parameters = 0, batch = 0, epoch_steps = 0;
  double images_per_second = 0;  // the median
  double gflop_an_image = 0, conv_peak_gflops = 0;
  double peak_share = 0;
  std::int64_t early_memory = 0, memory = 0;  // at the peak, bytes: of 5 steps, of an epoch
};

// Of a UNet with so many features by level, at 1x28x28, timed `repeats` times.
TrainingSpeed BenchTraining(const std::vector<std::int64_t>& features, int repeats);

}  // namespace denoscope
