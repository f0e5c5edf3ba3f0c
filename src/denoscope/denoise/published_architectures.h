// Architectures that others published, each a table whose layer names are the keys of its weight
// files.
//
//   name           network                                            source
//   lcv-unet       UNet, bias-free, gray, any size                    Mohan et al. 2020
//   lcv-bfcnn      21 layers, bias-free, field 5x5, gray              Kadkhodaie et al. 2023
//   lcv-gahs-unet  UNet, bias-free, average pooling, scalings         Kadkhodaie et al. 2024
//   kair-dncnn     convolutions with ReLU between, batch norm merged  Zhang et al. 2017
//   drunet         UNet of residual blocks, bias-free, sigma map      Zhang et al. 2021
//   oidn           UNet, maximum pooling, colour, any size            Open Image Denoise
//
// Of the last four, channels, features and depth are those of the weights.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "denoscope/denoise/denoiser.h"
#include "denoscope/denoise/network_table.h"
#include "denoscope/denoise/parameterisation.h"
#include "denoscope/weights/weights_file.h"

namespace denoscope {

NetworkTable LcvUnetTable();
NetworkTable LcvBfcnnTable();

// An architecture, how its output is read, and the noise it was trained on, where that is known.
struct PublishedArchitecture {
  NetworkTable table;
  Parameterisation parameterisation;
  std::optional<SigmaRange> trained_sigmas;
};
std::vector<std::string> PublishedArchitectureNames();

// Sizes are read from `weights`; where they do not tell, as where there are none, they are those
// published. Weights that are not of this architecture give a table that they do not fit.
PublishedArchitecture FindPublishedArchitecture(const std::string& name,
                                                const TensorInfos& weights = {});

}  // namespace denoscope
