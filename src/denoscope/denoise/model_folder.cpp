#include "denoscope/denoise/model_folder.h"

#include <vector>

#include "denoscope/denoise/script_network.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/safetensors.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
constexpr int kModelVersion = 2;
constexpr const char* kTorchScript = "torchscript";
constexpr const char* kDescriptionKey = "denoscope";  // of safetensors metadata

Json ToJson(const ModelDescription& d, std::int64_t parameters) {
  Json json;
  json["format"] = "denoscope-model";
  json["version"] = kModelVersion;
  json["architecture"] = d.architecture;
  if (d.architecture == "unet")
    json["options"] = {{"channels", d.unet.channels},
                       {"features", d.unet.features},
                       {"blocks", d.unet.blocks},
                       {"biases", d.unet.biases},
                       {"sigma_map", d.unet.sigma_map}};
  json["prediction"] = PredictionName(d.parameterisation.prediction);
  json["sigma_input"] = SigmaInputName(d.parameterisation.sigma_input);
  json["data_rms"] = d.parameterisation.data_rms;
  if (d.trained_sigmas) json["trained_sigmas"] = {d.trained_sigmas->low, d.trained_sigmas->high};
  json["parameters"] = parameters;
  if (!d.training.empty()) json["training"] = d.training;
  return json;
}

UnetOptions UnetFromJson(const Json& options, const fs::path& path) {
  UnetOptions unet;
  unet.channels = JsonField<std::int64_t>(options, "channels", path);
  unet.features = JsonField<std::vector<std::int64_t>>(options, "features", path);
  unet.blocks = JsonField<std::int64_t>(options, "blocks", path);
  unet.biases = JsonField<bool>(options, "biases", path);
  unet.sigma_map = JsonField<bool>(options, "sigma_map", path);
  unet.Check();
  return unet;
}

ModelDescription FromJson(const Json& json, const fs::path& path) {
  if (JsonField<std::string>(json, "format", path) != "denoscope-model")
    throw Error("json '{}': expected format denoscope-model", path.string());
  if (const int version = JsonField<int>(json, "version", path); version != kModelVersion)
    throw Error("json '{}': expected version {}, found {}", path.string(), kModelVersion, version);
  ModelDescription d;
  d.architecture = JsonField<std::string>(json, "architecture", path);
  if (d.architecture == "unet")
    d.unet = UnetFromJson(JsonField<Json>(json, "options", path), path);
  else if (d.architecture != kTorchScript)
    FindPublishedArchitecture(d.architecture);
  d.parameterisation.prediction =
      PredictionFromName(JsonField<std::string>(json, "prediction", path));
  d.parameterisation.sigma_input =
      SigmaInputFromName(JsonField<std::string>(json, "sigma_input", path));
  d.parameterisation.data_rms = JsonField<double>(json, "data_rms", path);
  if (!(d.parameterisation.data_rms > 0))
    throw Error("json '{}': data_rms must be positive, found {}",
                path.string(),
                d.parameterisation.data_rms);
  if (json.contains("trained_sigmas")) {
    const auto range = JsonField<std::vector<double>>(json, "trained_sigmas", path);
    if (range.size() != 2)
      throw Error("json '{}': trained_sigmas: expected [low, high]", path.string());
    d.trained_sigmas = SigmaRange{range[0], range[1]};
  }
  d.training = json.value("training", Json::object());
  return d;
}

const char* WeightsName(const ModelDescription& d) {
  return d.architecture == kTorchScript ? "network.pt" : "weights.safetensors";
}

LoadedModel Finish(const std::string& name,
                   const ModelDescription& description,
                   const std::shared_ptr<Network>& network,
                   const fs::path& weights) {
  LoadedModel model;
  model.description = description;
  model.sha256 = Sha256OfFile(weights);
  model.parameters = network->ParameterCount();
  model.denoiser = std::make_unique<NetworkDenoiser>(
      name, network, description.parameterisation, description.trained_sigmas);
  return model;
}

std::shared_ptr<TableNetwork> FrozenNetwork(const NetworkTable& table, const WeightsFile& file) {
  auto network = std::make_shared<TableNetwork>(table);
  network->Load(file);
  for (const torch::Tensor& p : network->parameters()) p.requires_grad_(false);
  return network;
}

// The published architecture whose tensors these are.
std::string RecogniseArchitecture(const WeightsFile& file) {
  for (const std::string& name : PublishedArchitectureNames())
    if (WeightFaults(FindPublishedArchitecture(name).table, file.Tensors()).empty()) return name;
  throw Error(
      "weights '{}': {} tensors that fit none of the architectures {}; name one with --arch to see "
      "what differs",
      file.Name(),
      file.Tensors().size(),
      fmt::join(PublishedArchitectureNames(), ", "));
}

// What the file says of itself, else what is published of its architecture.
ModelDescription DescriptionOf(const WeightsFile& file, const FileReading& reading) {
  const auto own = file.Metadata().find(kDescriptionKey);
  if (own != file.Metadata().end() && reading.architecture.empty())
    return FromJson(Json::parse(own->second, nullptr, /*allow_exceptions=*/false), file.Name());
  ModelDescription d;
  d.architecture =
      reading.architecture.empty() ? RecogniseArchitecture(file) : reading.architecture;
  const PublishedArchitecture published = FindPublishedArchitecture(d.architecture);
  d.parameterisation = published.parameterisation;
  d.trained_sigmas = published.trained_sigmas;
  return d;
}

LoadedModel LoadScriptFile(const fs::path& path, const FileReading& reading) {
  if (!reading.architecture.empty() && reading.architecture != kTorchScript)
    throw Error("model '{}': a TorchScript file, not weights of architecture '{}'",
                path.string(),
                reading.architecture);
  const std::shared_ptr<Network> network = LoadScriptNetwork(path);
  ModelDescription d;
  d.architecture = kTorchScript;
  d.parameterisation = {reading.prediction.value_or(Prediction::kX0),
                        0.5,
                        network->Traits().takes_sigma ? SigmaInput::kScalar : SigmaInput::kNone};
  return Finish(path.stem().string(), d, network, path);
}

}  // namespace

NetworkTable ModelDescription::Table() const {
  return architecture == "unet" ? UnetTable(unet) : FindPublishedArchitecture(architecture).table;
}

ModelDescription ModelPreset(const std::string& name) {
  ModelDescription d;
  if (name == "conditioned") return d;
  if (name == "blind") {
    d.unet.biases = false;
    d.unet.sigma_map = false;
    d.parameterisation.prediction = Prediction::kResidual;
    d.parameterisation.sigma_input = SigmaInput::kNone;
    return d;
  }
  throw Error("architecture '{}': unknown, expected conditioned or blind", name);
}

LoadedModel LoadModel(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw Error("model '{}': no such folder, expected one with model.json and weights.safetensors",
                folder.string());
  const ModelDescription d = FromJson(ReadJson(folder / "model.json"), folder / "model.json");
  const fs::path weights = folder / WeightsName(d);
  const std::string name = fs::absolute(folder / ".").parent_path().filename().string();
  if (d.architecture == kTorchScript) return Finish(name, d, LoadScriptNetwork(weights), weights);
  return Finish(name, d, FrozenNetwork(d.Table(), *OpenWeights(weights)), weights);
}

LoadedModel LoadModelFile(const fs::path& path, const FileReading& reading) {
  if (IsTorchScript(path)) return LoadScriptFile(path, reading);
  const auto file = OpenWeights(path, reading.weights_key);
  ModelDescription d = DescriptionOf(*file, reading);
  d.parameterisation.prediction = reading.prediction.value_or(d.parameterisation.prediction);
  LoadedModel model = Finish(path.stem().string(), d, FrozenNetwork(d.Table(), *file), path);
  model.notes = file->Notes();
  model.notes.insert(model.notes.begin(), fmt::format("{}: {}", path.string(), file->Format()));
  return model;
}

void ExportSafetensors(const LoadedModel& model, const fs::path& path) {
  const Network& network = *model.denoiser->Wrapped();
  std::map<std::string, std::string> metadata = {{"format", "pt"}};
  if (model.description.architecture != kTorchScript)
    metadata[kDescriptionKey] = ToJson(model.description, network.ParameterCount()).dump();
  WriteSafetensors(path, {network.Weights(), metadata});
}

void SaveModel(const fs::path& folder,
               const ModelDescription& description,
               const Network& network) {
  fs::create_directories(folder);
  const fs::path weights = folder / WeightsName(description);
  if (description.architecture == kTorchScript)
    SaveScriptNetwork(network, weights);
  else
    WriteSafetensors(weights, {network.Weights(), {{"format", "pt"}}});
  WriteJson(folder / "model.json", ToJson(description, network.ParameterCount()));
}

}  // namespace denoscope
