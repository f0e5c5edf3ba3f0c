#include "denoscope/image/pixel_summary.h"

#include <ATen/ATen.h>

namespace denoscope {

PixelSummary SummaryOf(const torch::Tensor& images) {
  return {images.min().item<double>(),
          images.max().item<double>(),
          images.mean().item<double>(),
          (images - images.mean()).square().mean().sqrt().item<double>()};
}

}  // namespace denoscope
