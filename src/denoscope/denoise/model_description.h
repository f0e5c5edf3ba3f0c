// What a model is, apart from its weights: its architecture with options, how its output is read,
// how it was made. The content of model.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "denoscope/denoise/architectures.h"
#include "denoscope/denoise/denoiser.h"
#include "denoscope/denoise/parameterisation.h"
#include "denoscope/denoise/published_architectures.h"
#include "denoscope/files/json.h"

namespace denoscope {

inline constexpr const char* kTorchScript = "torchscript";

struct ModelDescription {
  std::string architecture = "unet";  // unet, dncnn, linear, torchscript, or a published one
  UnetOptions unet;                   // of architecture unet
  DncnnOptions dncnn;                 // of architecture dncnn
  LinearOptions linear;               // of architecture linear
  Parameterisation parameterisation;
  std::optional<SigmaRange> trained_sigmas;
  Json training = Json::object();  // data set, hash, steps, seed: for people and records

  // Of a published architecture the sizes are those of the weights, see there. Throws for
  // torchscript.
  NetworkTable Table(const TensorInfos& weights = {}) const;
  void FitTo(const ImageShape& images);
  Json Options() const;      // of its architecture, as in model.json; empty without any
  std::string Text() const;  // its architecture, in words, for a card
};

// Named starting points for training, in small sizes; options may be changed afterwards.
struct ModelKind {
  std::string name, what;
};
const std::vector<ModelKind>& ModelKinds();
std::vector<std::string> ModelSizes();  // tiny, small, base
ModelDescription ModelPreset(const std::string& kind, const std::string& size = "small");

// Version 4; 2, without what the UNet has learned since, and 3, where every reading was of pixels
// on [0,1], are read too.
Json DescriptionJson(const ModelDescription& description, std::int64_t parameters);
// Throws, naming `path` and the field.
ModelDescription DescriptionFromJson(const Json& json, const std::filesystem::path& path);

}  // namespace denoscope
