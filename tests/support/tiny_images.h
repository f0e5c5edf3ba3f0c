// Small images whose covariance is known: independent Gaussian amplitudes on a few DCT vectors
// around mid gray, as bytes. The sum of the amplitudes' deviations keeps every pixel off 0 and 255.
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "denoscope/base/random.h"
#include "denoscope/data/image_set.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/theory/frequency/dct.h"

namespace denoscope {

// Standard deviations of the amplitudes, on the DCT vectors 1, 2, .. in turn. Rounding to bytes
// adds a variance of 1/(12 255^2) = 1.3e-6 to each: nothing beside the smallest, 3.6e-3.
inline const std::vector<double>& TinyDeviations() {
  static const std::vector<double> deviations = {0.5, 0.35, 0.24, 0.16, 0.1, 0.06};
  return deviations;
}

inline torch::Tensor TinyBytes(std::int64_t count, ImageShape shape, std::uint64_t seed) {
  const auto modes = static_cast<Eigen::Index>(TinyDeviations().size());
  Eigen::MatrixXd spectra = Eigen::MatrixXd::Zero(shape.Size(), count);
  RandomStream random(seed, "tests/tiny_images");
  for (Eigen::Index i = 0; i < count; ++i)
    for (Eigen::Index k = 0; k < modes; ++k)
      spectra(k + 1, i) = TinyDeviations()[static_cast<std::size_t>(k)] * random.Normal();
  const Eigen::MatrixXd pixels = DctBasis(shape).InverseTransform(spectra);
  torch::Tensor bytes = torch::empty({count, shape.C, shape.H, shape.W}, torch::kUInt8);
  auto* out = bytes.data_ptr<std::uint8_t>();
  for (Eigen::Index i = 0; i < pixels.size(); ++i)
    out[i] = static_cast<std::uint8_t>(
        std::lround(std::clamp(255 * (0.5 + pixels.data()[i]), 0.0, 255.0)));
  return bytes;
}

inline ImageSet TinyImages(const std::string& split,
                           std::int64_t count,
                           ImageShape shape = {1, 8, 8},
                           std::uint64_t seed = 1) {
  const torch::Tensor bytes = TinyBytes(count, shape, seed);
  const std::string content(reinterpret_cast<const char*>(bytes.data_ptr<std::uint8_t>()),
                            static_cast<std::size_t>(bytes.numel()));
  return {"tiny", split, bytes, Sha256Hex(content)};
}

}  // namespace denoscope
