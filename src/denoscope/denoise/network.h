// A network F of one image tensor and, where it asks for one, the noise level: what a
// NetworkDenoiser reads as a denoiser.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "denoscope/arrays/array.h"
#include "denoscope/base/image_shape.h"

namespace denoscope {

struct NetworkTraits {
  std::string architecture;               // "unet", "lcv-unet", "torchscript"
  std::int64_t input_channels = 1;        // with a map of the noise level, if it has one; 0: any
  std::int64_t output_channels = 1;       // of the image; 0: any
  bool takes_sigma = false;               // as a second argument
  std::int64_t size_multiple = 1;         // H and W must be multiples of this
  std::optional<ImageShape> fixed_shape;  // where only one image size works
  bool homogeneous = false;               // F(a x) = a F(x), a > 0, by construction
  std::optional<std::int64_t> receptive_field;  // pixels, where known and smaller than 512
};

class Network {
 public:
  virtual ~Network() = default;
  virtual const NetworkTraits& Traits() const = 0;
  // x (B,Cin,H,W); sigma (B), read if Traits().takes_sigma. Result (B,Cout,H,W).
  virtual torch::Tensor Run(const torch::Tensor& x, const torch::Tensor& sigma) const = 0;
  // Computes in this element type from now on; convolution weights go channels_last, which runs
  // several times faster.
  virtual void SetType(torch::ScalarType type) = 0;
  virtual std::map<std::string, Array> Weights() const = 0;  // float32, by name
  virtual std::int64_t ParameterCount() const = 0;
};

// Throws, naming the source, the tensor and the first entry that is not a finite number.
void CheckWeightIsFinite(const torch::Tensor& weight,
                         const std::string& source,
                         const std::string& name);

}  // namespace denoscope
