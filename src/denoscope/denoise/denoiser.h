// A denoiser D(y, sigma): the estimate of a clean image x from y = x + sigma z, z ~ N(0, I).
//
// Images are (B,C,H,W) tensors on the [0,1] pixel scale, and sigma is on the same scale, one value
// an image. If D is the least-squares optimum and sigma is known to it, then D = E[x|y] and its
// Jacobian is Cov[x|y] / sigma^2: symmetric with no negative eigenvalue (Tweedie's formula; Robbins
// 1956, Miyasawa 1961). A blind denoiser, which must guess sigma from y, may differ a little, and a
// trained one does. Networks are wrapped by a Denoiser, never derived from it.
#pragma once

#include <torch/types.h>

#include <optional>
#include <string>
#include <vector>

#include "denoscope/base/image_shape.h"

namespace denoscope {

struct SigmaRange {
  double low = 0, high = 0;
};

struct DenoiserTraits {
  std::string name;
  std::int64_t channels = 1;                    // of the image; 0: any number
  std::int64_t size_multiple = 1;               // H and W must be multiples of this
  std::optional<ImageShape> fixed_shape;        // where only one image size is possible
  bool conditioned = false;                     // uses sigma; else blind
  bool homogeneous = false;                     // D(a y) = a D(y) for a > 0, so that D = J y
  std::optional<std::int64_t> receptive_field;  // pixels, where known and small
  std::optional<SigmaRange> trained_sigmas;
};

class Denoiser {
 public:
  virtual ~Denoiser() = default;
  virtual const DenoiserTraits& Traits() const = 0;

  // The estimate, the shape and element type of y (B,C,H,W). Checks shape and sigma first; throws
  // when an estimate has another shape or is not finite. Differentiable in y if y requires a
  // gradient.
  torch::Tensor Denoise(const torch::Tensor& y, const torch::Tensor& sigma) const;  // sigma (B)
  torch::Tensor Denoise(const torch::Tensor& y, double sigma) const;

  // Computes in this element type (float32 or float64) from now on; y must then have it.
  virtual void SetType(torch::ScalarType type) = 0;

 protected:
  virtual torch::Tensor Compute(const torch::Tensor& y, const torch::Tensor& sigma) const = 0;
};

// Names the noise levels that lie outside the range trained on; empty when none does or that range
// is not known. What a network does there says nothing of its training.
std::string OutsideTraining(const DenoiserTraits& traits, const std::vector<double>& sigmas);

// Of a denoiser of images of one shape, made from `what` of d pixels each; throws unless these are
// as many as the shape has.
DenoiserTraits TraitsOfShape(std::string name,
                             const std::string& what,
                             std::int64_t d,
                             const ImageShape& shape);

// Throws unless the denoiser can take images of this shape.
void CheckImageShape(const DenoiserTraits& traits, const ImageShape& shape);

}  // namespace denoscope
