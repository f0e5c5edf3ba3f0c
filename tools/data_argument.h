// --data and what goes with it: a set of images by name or path, or one photo by path.
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

// A file that is no array of images.
bool IsPhoto(const std::string& data);

// Adds --data, --split and --crop.
void AddDataFlags(CLI::App& command, DataArguments& arguments);

// A photo is read as the denoiser wants it: gray for one channel, else colour.
ImageSet LoadImages(const DataArguments& arguments,
                    const DenoiserTraits& traits,
                    const ProgressSink& progress);

// Both splits of a set by name; throws for a photo.
struct Splits {
  ImageSet train, test;
};
Splits LoadSplits(const std::string& data, const ProgressSink& progress);

// The training split behind PCA and the linear denoisers, where it is installed.
struct TrainingReference {
  std::optional<ImageSet> images;    // none without a training split
  std::shared_ptr<const Pca> pca;    // of all of them; null without
  std::shared_ptr<const Pca> truth;  // of the distribution itself, where it is known; else null
  ImageShape shape;
  std::string sha256;
  std::string reason;  // why there is none

  // The modes that errors are resolved by: the distribution's own where known, else the split's.
  const std::shared_ptr<const Pca>& Modes() const { return truth ? truth : pca; }
};
TrainingReference LoadTrainingReference(const std::string& data, const ProgressSink& progress);

}  // namespace denoscope
