#include "denoscope/denoise/model_description.h"

#include <algorithm>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
constexpr int kModelVersion = 4, kOldestVersion = 2;

struct ModelSize {
  std::string name;
  std::vector<std::int64_t> features;  // of a UNet
  std::int64_t depth, width;           // of a DnCNN
};
const std::vector<ModelSize>& Sizes() {
  static const std::vector<ModelSize> sizes = {
      {"tiny", {16, 32}, 5, 16}, {"small", {32, 64, 96}, 17, 32}, {"base", {32, 64, 120}, 17, 64}};
  return sizes;
}

UnetOptions UnetFromJson(const Json& options, int version, const fs::path& path) {
  UnetOptions unet;
  unet.channels = JsonField<std::int64_t>(options, "channels", path);
  unet.features = JsonField<std::vector<std::int64_t>>(options, "features", path);
  unet.blocks = JsonField<std::int64_t>(options, "blocks", path);
  unet.biases = JsonField<bool>(options, "biases", path);
  unet.sigma_map = JsonField<bool>(options, "sigma_map", path);
  if (version > kOldestVersion) {
    unet.normalisation =
        FromName<Normalisation>(JsonField<std::string>(options, "normalisation", path));
    unet.activation = FromName<Activation>(JsonField<std::string>(options, "activation", path));
    unet.attention = JsonField<bool>(options, "attention", path);
  }
  unet.Check();
  return unet;
}

DncnnOptions DncnnFromJson(const Json& options, const fs::path& path) {
  DncnnOptions dncnn;
  dncnn.channels = JsonField<std::int64_t>(options, "channels", path);
  dncnn.depth = JsonField<std::int64_t>(options, "depth", path);
  dncnn.features = JsonField<std::int64_t>(options, "features", path);
  dncnn.biases = JsonField<bool>(options, "biases", path);
  dncnn.Check();
  return dncnn;
}

LinearOptions LinearFromJson(const Json& options, const fs::path& path) {
  const LinearOptions linear = {{JsonField<std::int64_t>(options, "channels", path),
                                 JsonField<std::int64_t>(options, "height", path),
                                 JsonField<std::int64_t>(options, "width", path)}};
  linear.Check();
  return linear;
}

void ReadOptions(const Json& json, int version, const fs::path& path, ModelDescription& d) {
  const auto options = [&] { return JsonField<Json>(json, "options", path); };
  if (d.architecture == "unet")
    d.unet = UnetFromJson(options(), version, path);
  else if (d.architecture == "dncnn")
    d.dncnn = DncnnFromJson(options(), path);
  else if (d.architecture == "linear")
    d.linear = LinearFromJson(options(), path);
  else if (d.architecture != kTorchScript)
    FindPublishedArchitecture(d.architecture);
}

std::string UnetText(const UnetOptions& o) {
  std::string text = fmt::format(
      "UNet, features {} at sizes 1, 1/2, ..; {} residual block(s) a level and direction, {}, {}",
      fmt::join(o.features, ", "),
      o.blocks,
      o.biases ? "with biases" : "without biases",
      o.sigma_map ? "sigma given as a map" : "sigma not given (blind)");
  if (o.normalisation != Normalisation::kNone)
    text += fmt::format(", {} normalisation", NameOf(o.normalisation));
  if (o.activation != Activation::kRelu) text += ", " + NameOf(o.activation);
  if (o.attention) text += ", attention at the smallest size";
  return text;
}

}  // namespace

NetworkTable ModelDescription::Table(const TensorInfos& weights) const {
  if (architecture == "unet") return UnetTable(unet);
  if (architecture == "dncnn") return DncnnTable(dncnn);
  if (architecture == "linear") return LinearTable(linear);
  return FindPublishedArchitecture(architecture, weights).table;
}

void ModelDescription::FitTo(const ImageShape& images) {
  unet.channels = dncnn.channels = images.C;
  linear.images = images;
}

Json ModelDescription::Options() const {
  if (architecture == "unet")
    return {{"channels", unet.channels},
            {"features", unet.features},
            {"blocks", unet.blocks},
            {"biases", unet.biases},
            {"sigma_map", unet.sigma_map},
            {"normalisation", NameOf(unet.normalisation)},
            {"activation", NameOf(unet.activation)},
            {"attention", unet.attention}};
  if (architecture == "dncnn")
    return {{"channels", dncnn.channels},
            {"depth", dncnn.depth},
            {"features", dncnn.features},
            {"biases", dncnn.biases}};
  if (architecture == "linear")
    return {{"channels", linear.images.C}, {"height", linear.images.H}, {"width", linear.images.W}};
  return {};
}

std::string ModelDescription::Text() const {
  if (architecture == "unet") return UnetText(unet);
  if (architecture == "dncnn")
    return fmt::format("DnCNN of {} layers, {} features, batch normalisation without mean, {}",
                       dncnn.depth,
                       dncnn.features,
                       dncnn.biases ? "with biases" : "without biases");
  if (architecture == "linear")
    return fmt::format("one dense layer, for images of {} x {} x {}",
                       linear.images.C,
                       linear.images.H,
                       linear.images.W);
  return architecture;
}

const std::vector<ModelKind>& ModelKinds() {
  static const std::vector<ModelKind> kinds = {
      {"conditioned", "UNet with biases, sigma map, EDM: closest to the optimum that knows sigma"},
      {"blind", "UNet without biases and sigma, residual output: D = J y"},
      {"attention", "conditioned, with group normalisation, SiLU and attention"},
      {"blind-batchnorm", "blind, with batch normalisation without mean and bias: D = J y"},
      {"dncnn", "DnCNN, blind, residual output"},
      {"linear", "one dense layer, blind: J is its matrix"}};
  return kinds;
}

std::vector<std::string> ModelSizes() {
  std::vector<std::string> names;
  for (const ModelSize& size : Sizes()) names.push_back(size.name);
  return names;
}

ModelDescription ModelPreset(const std::string& kind, const std::string& size_name) {
  const auto size = std::find_if(
      Sizes().begin(), Sizes().end(), [&](const ModelSize& s) { return s.name == size_name; });
  if (size == Sizes().end())
    throw Error(
        "size '{}': unknown, expected one of: {}", size_name, fmt::join(ModelSizes(), ", "));
  ModelDescription d;
  d.unet.features = size->features;
  d.dncnn.depth = size->depth;
  d.dncnn.features = size->width;
  if (kind == "conditioned") return d;
  if (kind == "attention") {
    d.unet.normalisation = Normalisation::kGroup;
    d.unet.activation = Activation::kSilu;
    d.unet.attention = true;
    return d;
  }
  d.parameterisation.prediction = kind == "linear" ? Prediction::kX0 : Prediction::kResidual;
  d.parameterisation.sigma_input = SigmaInput::kNone;
  d.unet.biases = d.unet.sigma_map = false;
  if (kind == "blind") return d;
  if (kind == "blind-batchnorm") {
    d.unet.normalisation = Normalisation::kBatch;
    return d;
  }
  if (kind == "dncnn" || kind == "linear") {
    d.architecture = kind;
    return d;
  }
  std::vector<std::string> known;
  for (const ModelKind& k : ModelKinds()) known.push_back(k.name);
  throw Error("architecture '{}': unknown, expected one of: {}", kind, fmt::join(known, ", "));
}

Json DescriptionJson(const ModelDescription& d, std::int64_t parameters) {
  Json json;
  json["format"] = "denoscope-model";
  json["version"] = kModelVersion;
  json["architecture"] = d.architecture;
  if (const Json options = d.Options(); !options.empty()) json["options"] = options;
  AddToJson(d.parameterisation, json);
  if (d.trained_sigmas) json["trained_sigmas"] = {d.trained_sigmas->low, d.trained_sigmas->high};
  json["parameters"] = parameters;
  if (!d.training.empty()) json["training"] = d.training;
  return json;
}

ModelDescription DescriptionFromJson(const Json& json, const fs::path& path) {
  if (JsonField<std::string>(json, "format", path) != "denoscope-model")
    throw Error("json '{}': expected format denoscope-model", path.string());
  const int version = JsonField<int>(json, "version", path);
  if (version < kOldestVersion || version > kModelVersion)
    throw Error("json '{}': expected version {} to {}, found {}",
                path.string(),
                kOldestVersion,
                kModelVersion,
                version);
  ModelDescription d;
  d.architecture = JsonField<std::string>(json, "architecture", path);
  ReadOptions(json, version, path, d);
  d.parameterisation = ParameterisationFromJson(json, path);
  if (json.contains("trained_sigmas")) {
    const auto range = JsonField<std::vector<double>>(json, "trained_sigmas", path);
    if (range.size() != 2)
      throw Error("json '{}': trained_sigmas: expected [low, high]", path.string());
    d.trained_sigmas = SigmaRange{range[0], range[1]};
  }
  d.training = json.value("training", Json::object());
  return d;
}

}  // namespace denoscope
