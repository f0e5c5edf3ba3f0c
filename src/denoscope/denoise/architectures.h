// The architectures that we know, each a table whose layer names are the keys of its weight files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "denoscope/denoise/denoiser.h"
#include "denoscope/denoise/network_table.h"
#include "denoscope/denoise/parameterisation.h"

namespace denoscope {

// Our UNet, for images of any size that is a multiple of 2^(levels-1), levels = features.size().
//
// Level l works at 1/2^l of the size with features[l] channels. `blocks` residual blocks
// x + conv(relu(conv(x))) stand at every level, on the way down and up. Skips are added, not
// concatenated: the backward of a concatenation copies slices, which cost 28 % of a Jacobian.
//
//   head                      3x3, channels (+1 with a sigma map) -> features[0]
//   down.{l}.block.{b}.conv1  3x3
//   down.{l}.block.{b}.conv2  3x3
//   down.{l}.shrink           2x2, stride 2, to the features of level l+1
//   mid.block.{b}.conv1       3x3, and conv2
//   up.{l}.grow               1x1, to the features of level l; pixels doubled; plus the skip
//   up.{l}.block.{b}.conv1    3x3, and conv2
//   tail                      3x3, features[0] -> channels
struct UnetOptions {
  std::int64_t channels = 1;                          // of the image, >= 1
  std::vector<std::int64_t> features = {32, 64, 96};  // by level, 1 to 6 of them, each >= 1
  std::int64_t blocks = 1;                            // residual blocks a level and direction, >= 1
  bool biases = true;                                 // without: F(a y) = a F(y), a > 0, so F = J y
  bool sigma_map = true;  // one more input channel: the noise level as a constant image

  void Check() const;
};

NetworkTable UnetTable(const UnetOptions& options);
// The UNet of Mohan, Kadkhodaie, Simoncelli, Fernandez-Granda 2020, bias-free: gray, any size.
NetworkTable LcvUnetTable();
// The bias-free CNN of Kadkhodaie, Guth, Mallat, Simoncelli 2023 with 5x5 receptive field: gray.
NetworkTable LcvBfcnnTable();

// A published architecture, how its output is read, and the noise it was trained on.
struct PublishedArchitecture {
  NetworkTable table;
  Parameterisation parameterisation;
  SigmaRange trained_sigmas;
};
std::vector<std::string> PublishedArchitectureNames();  // "lcv-unet", "lcv-bfcnn"
PublishedArchitecture FindPublishedArchitecture(const std::string& name);

}  // namespace denoscope
