#include "denoscope/denoise/network.h"

#include <ATen/ATen.h>

#include "denoscope/base/error.h"

namespace denoscope {

void CheckWeightIsFinite(const torch::Tensor& weight,
                         const std::string& source,
                         const std::string& name) {
  const torch::Tensor finite = weight.isfinite();
  if (finite.all().item<bool>()) return;
  const auto entry = finite.logical_not().flatten().nonzero()[0].item<std::int64_t>();
  throw Error("weights '{}': tensor '{}': entry {} is {}, expected finite numbers",
              source,
              name,
              entry,
              weight.flatten()[entry].item<double>());
}

}  // namespace denoscope
