#include "denoscope/image/npy_image.h"

#include <ATen/ATen.h>

#include "denoscope/arrays/npy.h"
#include "denoscope/base/error.h"
#include "denoscope/image/tensors.h"

namespace denoscope {

torch::Tensor ReadNpyImage(const std::string& path, torch::ScalarType type) {
  const Array array = ReadNpy(path);
  torch::Tensor y = ToTensor(array);
  if (!y.is_floating_point())
    throw Error("image '{}': expected float32 or float64, found {}", path, ElementName(array.type));
  if (y.dim() == 4 && y.size(0) == 1) y = y[0];
  if (y.dim() != 3)
    throw Error(
        "image '{}': expected shape (C,H,W) or (1,C,H,W), found {}", path, ShapeText(array.shape));
  y = y.to(type).contiguous();
  const torch::Tensor wrong = at::isfinite(y).logical_not().nonzero();
  if (wrong.size(0) > 0)
    throw Error("image '{}': pixel ({},{},{}) is not finite (channel, row, column)",
                path,
                wrong[0][0].item<std::int64_t>(),
                wrong[0][1].item<std::int64_t>(),
                wrong[0][2].item<std::int64_t>());
  return y;
}

}  // namespace denoscope
