#include "denoscope/denoise/model_folder.h"

#include <vector>

#include "denoscope/denoise/script_network.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/weights/safetensors.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
constexpr const char* kDescriptionKey = "denoscope";  // of safetensors metadata

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

// Weights that do not fit are refused before memory is asked for.
std::shared_ptr<TableNetwork> FrozenNetwork(const ModelDescription& d, const WeightsFile& file) {
  const NetworkTable table = d.Table(file.Tensors());
  CheckWeights(table, file.Tensors(), file.Name());
  auto network = std::make_shared<TableNetwork>(table);
  network->Load(file);
  for (const torch::Tensor& p : network->parameters()) p.requires_grad_(false);
  return network;
}

// The published architecture whose tensors these are.
std::string RecogniseArchitecture(const WeightsFile& file) {
  for (const std::string& name : PublishedArchitectureNames())
    if (WeightFaults(FindPublishedArchitecture(name, file.Tensors()).table, file.Tensors()).empty())
      return name;
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
    return DescriptionFromJson(Json::parse(own->second, nullptr, /*allow_exceptions=*/false),
                               file.Name());
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
  d.parameterisation.prediction = Prediction::kX0;
  d.parameterisation.sigma_input = SigmaInput::kNone;
  if (network->Traits().takes_sigma)
    d.parameterisation.sigma_input = reading.schedule ? SigmaInput::kTimestep : SigmaInput::kScalar;
  else if (network->Traits().input_channels > network->Traits().output_channels)
    d.parameterisation.sigma_input = SigmaInput::kMap;
  reading.Apply(d.parameterisation);
  return Finish(path.stem().string(), d, network, path);
}

}  // namespace

void FileReading::Apply(Parameterisation& p) const {
  p.prediction = prediction.value_or(p.prediction);
  p.sigma_input = sigma_input.value_or(p.sigma_input);
  if (schedule) p.schedule = schedule;
  p.range = range.value_or(p.range);
  p.data_rms = data_rms.value_or(p.data_rms);
  p.sigma_scale = sigma_scale.value_or(p.sigma_scale);
  p.clamp_input = clamp_input.value_or(p.clamp_input);
}

LoadedModel LoadModel(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw Error("model '{}': no such folder, expected one with model.json and weights.safetensors",
                folder.string());
  const ModelDescription d =
      DescriptionFromJson(ReadJson(folder / "model.json"), folder / "model.json");
  const fs::path weights = folder / WeightsName(d);
  const std::string name = fs::absolute(folder / ".").parent_path().filename().string();
  if (d.architecture == kTorchScript) return Finish(name, d, LoadScriptNetwork(weights), weights);
  return Finish(name, d, FrozenNetwork(d, *OpenWeights(weights)), weights);
}

LoadedModel LoadModelFile(const fs::path& path, const FileReading& reading) {
  if (IsTorchScript(path)) return LoadScriptFile(path, reading);
  const auto file = OpenWeights(path, reading.weights_key);
  ModelDescription d = DescriptionOf(*file, reading);
  reading.Apply(d.parameterisation);
  LoadedModel model = Finish(path.stem().string(), d, FrozenNetwork(d, *file), path);
  model.weights_key = file->Place();
  model.notes = file->Notes();
  model.notes.insert(model.notes.begin(), fmt::format("{}: {}", path.string(), file->Format()));
  return model;
}

void ExportSafetensors(const LoadedModel& model, const fs::path& path) {
  const Network& network = *model.denoiser->Wrapped();
  std::map<std::string, std::string> metadata = {{"format", "pt"}};
  if (model.description.architecture != kTorchScript)
    metadata[kDescriptionKey] = DescriptionJson(model.description, network.ParameterCount()).dump();
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
  WriteJson(folder / "model.json", DescriptionJson(description, network.ParameterCount()));
}

}  // namespace denoscope
