#include "denoscope/bench/convolution_peak.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "denoscope/base/stopwatch.h"

namespace denoscope {

double ConvolutionPeakGflops() {
  const at::NoGradGuard no_gradient;
  double best = 0;
  for (const auto& [channels, side] : {std::pair{32L, 28L}, {64L, 14L}, {64L, 28L}, {128L, 14L}}) {
    constexpr long kBatch = 16;
    const auto layout = at::MemoryFormat::ChannelsLast;
    const torch::Tensor x = at::randn({kBatch, channels, side, side}).contiguous(layout);
    const torch::Tensor w = at::randn({channels, channels, 3, 3}).contiguous(layout);
    const double flop = 2.0 * kBatch * channels * channels * 9 * side * side;
    for (int i = 0; i < 40; ++i)
      best = std::max(best, flop / 1e9 / SecondsOf([&] { at::conv2d(x, w, {}, 1, 1); }));
  }
  return best;
}

}  // namespace denoscope
