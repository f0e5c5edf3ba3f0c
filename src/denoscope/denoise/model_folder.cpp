#include "denoscope/denoise/model_folder.h"

#include <vector>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
constexpr int kModelVersion = 1;

Json ToJson(const ModelDescription& d, std::int64_t parameters) {
  Json json;
  json["format"] = "denoscope-model";
  json["version"] = kModelVersion;
  json["architecture"] = "unet";
  json["options"] = {{"channels", d.unet.channels},
                     {"width", d.unet.width},
                     {"levels", d.unet.levels},
                     {"blocks", d.unet.blocks},
                     {"biases", d.unet.biases},
                     {"sigma_map", d.unet.sigma_map}};
  json["prediction"] = PredictionName(d.parameterisation.prediction);
  json["data_rms"] = d.parameterisation.data_rms;
  json["trained_sigmas"] = {d.trained_sigmas.low, d.trained_sigmas.high};
  json["parameters"] = parameters;
  json["training"] = d.training;
  return json;
}

ModelDescription FromJson(const Json& json, const fs::path& path) {
  if (JsonField<std::string>(json, "format", path) != "denoscope-model")
    throw Error("json '{}': expected format denoscope-model", path.string());
  if (const int version = JsonField<int>(json, "version", path); version != kModelVersion)
    throw Error("json '{}': expected version {}, found {}", path.string(), kModelVersion, version);
  if (const auto a = JsonField<std::string>(json, "architecture", path); a != "unet")
    throw Error("json '{}': architecture '{}' is unknown, expected unet", path.string(), a);
  const Json options = JsonField<Json>(json, "options", path);
  ModelDescription d;
  d.unet.channels = JsonField<std::int64_t>(options, "channels", path);
  d.unet.width = JsonField<std::int64_t>(options, "width", path);
  d.unet.levels = JsonField<std::int64_t>(options, "levels", path);
  d.unet.blocks = JsonField<std::int64_t>(options, "blocks", path);
  d.unet.biases = JsonField<bool>(options, "biases", path);
  d.unet.sigma_map = JsonField<bool>(options, "sigma_map", path);
  d.unet.Check();
  d.parameterisation.prediction =
      PredictionFromName(JsonField<std::string>(json, "prediction", path));
  d.parameterisation.data_rms = JsonField<double>(json, "data_rms", path);
  if (!(d.parameterisation.data_rms > 0))
    throw Error("json '{}': data_rms must be positive, found {}",
                path.string(),
                d.parameterisation.data_rms);
  const auto range = JsonField<std::vector<double>>(json, "trained_sigmas", path);
  if (range.size() != 2)
    throw Error("json '{}': trained_sigmas: expected [low, high]", path.string());
  d.trained_sigmas = {range[0], range[1]};
  d.training = json.value("training", Json::object());
  return d;
}

}  // namespace

ModelDescription ModelPreset(const std::string& name) {
  ModelDescription d;
  if (name == "conditioned") return d;
  if (name == "blind") {
    d.unet.biases = false;
    d.unet.sigma_map = false;
    d.parameterisation.prediction = Prediction::kResidual;
    return d;
  }
  throw Error("architecture '{}': unknown, expected conditioned or blind", name);
}

std::map<std::string, Array> NetworkWeights(const torch::nn::Module& network) {
  std::map<std::string, Array> weights;
  for (const auto& item : network.named_parameters())
    weights[item.key()] = ToArray(item.value().to(torch::kFloat32));
  return weights;
}

void LoadNetworkWeights(torch::nn::Module& network,
                        const std::map<std::string, Array>& weights,
                        const std::string& source) {
  std::vector<std::string> faults;
  auto parameters = network.named_parameters();
  for (const auto& item : parameters) {
    const auto found = weights.find(item.key());
    const Shape expected = ShapeOf(item.value());
    if (found == weights.end())
      faults.push_back(fmt::format("tensor '{}' {} is missing", item.key(), ShapeText(expected)));
    else if (found->second.shape != expected)
      faults.push_back(fmt::format("tensor '{}' has shape {}, expected {}",
                                   item.key(),
                                   ShapeText(found->second.shape),
                                   ShapeText(expected)));
  }
  for (const auto& [key, array] : weights)
    if (!parameters.contains(key))
      faults.push_back(
          fmt::format("tensor '{}' {} is not in the network", key, ShapeText(array.shape)));
  if (!faults.empty()) throw Error("weights '{}': {}", source, fmt::join(faults, "; "));
  torch::NoGradGuard no_gradient;
  for (auto& item : parameters) item.value().copy_(ToTensor(weights.at(item.key())));
}

void SaveModel(const fs::path& folder,
               const ModelDescription& description,
               const std::map<std::string, Array>& weights) {
  fs::create_directories(folder);
  std::int64_t parameters = 0;
  for (const auto& [name, array] : weights) parameters += ElementCount(array.shape);
  WriteSafetensors(folder / "weights.safetensors", {weights, {{"format", "pt"}}});
  WriteJson(folder / "model.json", ToJson(description, parameters));
}

LoadedModel LoadModel(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw Error("model '{}': no such folder, expected one with model.json and weights.safetensors",
                folder.string());
  const fs::path weights_path = folder / "weights.safetensors";
  LoadedModel model;
  model.description = FromJson(ReadJson(folder / "model.json"), folder / "model.json");
  Unet network(model.description.unet);
  LoadNetworkWeights(*network, ReadSafetensors(weights_path).tensors, weights_path.string());
  model.sha256 = Sha256Hex(ReadFile(weights_path));
  for (const torch::Tensor& p : network->parameters()) {
    model.parameters += p.numel();
    p.requires_grad_(false);
  }
  model.denoiser = std::make_unique<NetworkDenoiser>(folder.filename().string(),
                                                     network,
                                                     model.description.parameterisation,
                                                     model.description.trained_sigmas);
  return model;
}

}  // namespace denoscope
