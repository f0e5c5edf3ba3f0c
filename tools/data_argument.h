// --data and what goes with it: a set of images by name, or one photo by path.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "denoscope/data/image_set.h"
#include "denoscope/denoise/denoiser.h"

namespace denoscope {

struct DataArguments {
  std::string data = "fashion-mnist", split = "test", crop;
};

// Adds --data, --split and --crop.
void AddDataFlags(CLI::App& command, DataArguments& arguments);

// A photo is read as the denoiser wants it: gray for one channel, else colour.
ImageSet LoadImages(const DataArguments& arguments, const DenoiserTraits& traits);

// The training split behind PCA and the linear denoisers, where it is installed.
struct TrainingReference {
  std::optional<ImageSet> images;  // none without a training split
  std::shared_ptr<const Pca> pca;  // of all of them; null without
  ImageShape shape;
  std::string sha256;
  std::string reason;  // why there is none
};
TrainingReference LoadTrainingReference(const std::string& data);

}  // namespace denoscope
