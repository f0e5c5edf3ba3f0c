// --data and what goes with it: a set of images by name or path, or one photo by path.
#pragma once

#include <string>

#include "denoscope/data/image_set.h"
#include "denoscope/denoise/denoiser.h"
#include "tools/arguments/command.h"

namespace denoscope {

struct DataArguments {
  std::string data = "fashion-mnist", split = "test", crop;
};

// Adds --data, --split and --crop.
void AddDataFlags(Command command, DataArguments& arguments);

// A photo is read as the denoiser wants it: gray for one channel, else colour.
ImageSet LoadImages(const DataArguments& arguments,
                    const DenoiserTraits& traits,
                    const ProgressSink& progress);

// Both splits of a set by name; throws for a photo.
struct Splits {
  ImageSet train, test;
};
Splits LoadSplits(const std::string& data, const ProgressSink& progress);

}  // namespace denoscope
