#include "denoscope/denoise/model_folder.h"

#include <gtest/gtest.h>

#include <functional>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"
#include "denoscope/weights/safetensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/published_networks.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

using Weights = std::map<std::string, Array>;

ModelDescription Description() {
  ModelDescription d = TinyDescription("conditioned", 3);
  d.parameterisation.data_rms = 1.0 / 3;  // no short decimal: must come back to the last bit
  d.training = {{"data", "tiny"}, {"steps", 3}};
  return d;
}

class ModelFolder : public testing::Test {
 protected:
  void SetUp() override { SaveModel(Path(), Description(), *TinyUnet(Description().unet)); }
  std::filesystem::path Path() const { return temp_.Path("model"); }
  std::filesystem::path WeightsPath() const { return Path() / "weights.safetensors"; }
  static Weights SavedWeights() { return TinyUnet(Description().unet)->Weights(); }

  void ExpectLoadError(std::initializer_list<std::string> pieces) const {
    ExpectError([&] { LoadModel(Path()); }, pieces);
  }
  void ExpectJsonError(const std::function<void(Json&)>& change,
                       std::initializer_list<std::string> pieces) const {
    const std::string before = ReadFile(Path() / "model.json");
    Json json = Json::parse(before);
    change(json);
    WriteJson(Path() / "model.json", json);
    ExpectLoadError(pieces);
    WriteFile(Path() / "model.json", before);
  }

 private:
  TempDir temp_;
};

TEST_F(ModelFolder, RoundTripGivesTheSameDenoiserBitForBit) {
  const auto before = TinyDenoiser(Description());
  const LoadedModel model = LoadModel(Path());
  torch::manual_seed(3);
  const torch::Tensor y = torch::rand({2, 3, 8, 12});
  const torch::Tensor sigma = torch::tensor({0.05, 0.7});
  EXPECT_TRUE(torch::equal(model.denoiser->Denoise(y, sigma), before->Denoise(y, sigma)));
  EXPECT_EQ(model.denoiser->Traits().name, "model");
  EXPECT_EQ(model.sha256, Sha256Hex(ReadFile(WeightsPath())));
  EXPECT_EQ(model.description.parameterisation.data_rms, 1.0 / 3);
  EXPECT_EQ(model.description.trained_sigmas->low, 0.02);
  EXPECT_EQ(model.description.trained_sigmas->high, 2);
  EXPECT_EQ(model.description.training, Description().training);
  std::int64_t parameters = 0;
  for (const auto& [name, array] : SavedWeights()) parameters += ElementCount(array.shape);
  EXPECT_EQ(model.parameters, parameters);
}

TEST_F(ModelFolder, SavingAgainGivesTheSameBytes) {
  const std::string weights = ReadFile(WeightsPath()), json = ReadFile(Path() / "model.json");
  const LoadedModel model = LoadModel(Path());
  SaveModel(Path(), model.description, *model.denoiser->Wrapped());
  EXPECT_EQ(ReadFile(WeightsPath()), weights);
  EXPECT_EQ(ReadFile(Path() / "model.json"), json);
}

TEST_F(ModelFolder, ListsAllTensorsThatDoNotFitInOneMessage) {
  Weights weights = SavedWeights();
  weights.erase("tail.bias");
  weights.erase("mid.block.0.conv1.weight");
  weights["up.0.grow.weight"] = Array::From<float>({2, 2}, std::vector<float>(4));
  weights["surplus"] = Array::From<float>({1}, std::vector<float>(1));
  WriteSafetensors(WeightsPath(), {weights, {}});
  ExpectLoadError({WeightsPath().string(),
                   "tensor 'tail.bias' [3] is missing",
                   "tensor 'mid.block.0.conv1.weight' [8,8,3,3] is missing",
                   "tensor 'up.0.grow.weight' has shape [2,2], expected [4,8,1,1]",
                   "tensor 'surplus' [1] is not in the network"});
}

TEST_F(ModelFolder, RefusesTruncatedWeights) {
  const std::string whole = ReadFile(WeightsPath());
  for (const std::size_t size :
       {whole.size() - 1, whole.size() / 2, std::size_t{20}, std::size_t{0}}) {
    WriteFile(WeightsPath(), whole.substr(0, size));
    ExpectLoadError({WeightsPath().string()});
  }
  std::filesystem::remove(WeightsPath());
  ExpectLoadError({WeightsPath().string()});
}

TEST_F(ModelFolder, RefusesADescriptionItDoesNotUnderstand) {
  const std::string file = (Path() / "model.json").string();
  ExpectJsonError([](Json& j) { j["version"] = 1; }, {file, "expected version 2 to 4, found 1"});
  ExpectJsonError([](Json& j) { j["format"] = "other"; }, {file, "denoscope-model"});
  ExpectJsonError([](Json& j) { j["version"] = 5; }, {file, "expected version 2 to 4, found 5"});
  ExpectJsonError([](Json& j) { j["architecture"] = "swinir"; }, {"'swinir'", "lcv-unet"});
  ExpectJsonError([](Json& j) { j["options"]["normalisation"] = "layer"; },
                  {"'layer'", "none, batch or group"});
  ExpectJsonError([](Json& j) { j["options"]["activation"] = "gelu"; }, {"'gelu'", "relu or silu"});
  ExpectJsonError([](Json& j) { j["prediction"] = "noise"; },
                  {"'noise'", "expected x0, residual, eps, v, score or edm"});
  ExpectJsonError([](Json& j) { j["data_rms"] = 0; }, {file, "data_rms", "positive"});
  ExpectJsonError([](Json& j) { j["trained_sigmas"] = {0.1}; }, {file, "[low, high]"});
  ExpectJsonError(
      [](Json& j) {
        j["options"]["features"] = {8, 0};
      },
      {"unet", "features >= 1", "[8,0]"});
  ExpectJsonError([](Json& j) { j["options"]["features"] = "wide"; }, {file, "'features'"});
}

TEST_F(ModelFolder, NamesAMissingField) {
  const std::string file = (Path() / "model.json").string();
  for (const std::string field :
       {"format", "version", "architecture", "options", "prediction", "sigma_input", "data_rms"})
    ExpectJsonError([&](Json& j) { j.erase(field); }, {file, "'" + field + "'"});
  for (const std::string field : {"channels",
                                  "features",
                                  "blocks",
                                  "biases",
                                  "sigma_map",
                                  "normalisation",
                                  "activation",
                                  "attention"})
    ExpectJsonError([&](Json& j) { j["options"].erase(field); }, {file, "'" + field + "'"});
}

// Version 2 knew the plain UNet alone.
TEST_F(ModelFolder, ReadsTheVersionBefore) {
  const torch::NoGradGuard no_gradient;
  const torch::Tensor y = torch::rand({1, 3, 8, 8});
  const torch::Tensor now = LoadModel(Path()).denoiser->Denoise(y, 0.3);
  Json json = ReadJson(Path() / "model.json");
  json["version"] = 2;
  for (const char* field : {"normalisation", "activation", "attention"})
    json["options"].erase(field);
  WriteJson(Path() / "model.json", json);
  EXPECT_TRUE(torch::equal(LoadModel(Path()).denoiser->Denoise(y, 0.3), now));
}

TEST_F(ModelFolder, SaysWhatAFolderLacks) {
  ExpectError([&] { LoadModel(Path() / "absent"); },
              {"absent", "no such folder", "model.json", "weights.safetensors"});
  std::filesystem::remove(Path() / "model.json");
  ExpectLoadError({"model.json"});
}

class ModelFile : public testing::Test {
 protected:
  static constexpr std::int64_t kSide = 24;
  TempDir temp_;

  // Random weights of a published architecture, as somebody would have saved them.
  std::filesystem::path Saved(const std::string& architecture) const {
    const auto network = RandomNetwork(NarrowArchitecture(architecture).table);
    const auto path = temp_.Path(architecture + ".safetensors");
    WriteSafetensors(path, {network->Weights(), {}});
    return path;
  }
  static torch::Tensor Estimate(const LoadedModel& model) {
    torch::manual_seed(8);
    const torch::NoGradGuard no_gradient;
    const auto channels = std::max<std::int64_t>(model.denoiser->Traits().channels, 1);
    return model.denoiser->Denoise(torch::rand({2, channels, kSide, kSide}), 0.3);
  }
};

TEST_F(ModelFile, IsRecognisedByItsTensors) {
  for (const std::string& name : PublishedArchitectureNames()) {
    const LoadedModel model = LoadModelFile(Saved(name), {});
    EXPECT_EQ(model.description.architecture, name);
    EXPECT_EQ(model.denoiser->Traits().name, name);
    const bool biased = name == "kair-dncnn" || name == "oidn", told = name == "drunet";
    EXPECT_EQ(model.denoiser->Traits().homogeneous, !biased && !told);
    EXPECT_EQ(model.denoiser->Traits().conditioned, told);
    EXPECT_TRUE(
        torch::equal(Estimate(model), Estimate(LoadModelFile(Saved(name), {name, "", {}}))));
  }
}

TEST_F(ModelFile, IsReadAsTold) {
  const auto path = Saved("lcv-unet");
  torch::manual_seed(8);
  const torch::Tensor y = torch::rand({2, 1, kSide, kSide});
  const torch::Tensor x0 = Estimate(LoadModelFile(path, {}));
  const torch::Tensor residual = Estimate(LoadModelFile(path, {"", "", Prediction::kResidual}));
  EXPECT_LT((y - x0 - residual).abs().max().item<float>(), 1e-6);
}

TEST_F(ModelFile, OfAnotherArchitectureSaysWhatDiffers) {
  const auto path = Saved("lcv-unet");
  ExpectError(
      [&] {
        LoadModelFile(path, {"lcv-bfcnn", "", {}});
      },
      {path.string(),
       "tensor 'conv_layers.0.weight' [64,1,3,3] is missing",
       "tensor 'conv1.weight' [32,1,5,5] is not in the network"});
  ExpectError([&] { LoadModelFile(path, {"dncnn", "", {}}); }, {"'dncnn'", "lcv-unet, lcv-bfcnn"});
  WriteSafetensors(path, {{{"w", Array::From<float>({1}, std::vector<float>(1))}}, {}});
  ExpectError([&] { LoadModelFile(path, {}); }, {path.string(), "fit none", "--arch"});
}

TEST_F(ModelFile, WithAWeightThatIsNotFiniteNamesTensorAndEntry) {
  const auto path = Saved("lcv-unet");
  Safetensors content = ReadSafetensors(path);
  std::vector<float> values(32 * 25, 0.5f);
  values[7] = std::nanf("");
  content.tensors["conv1.weight"] = Array::From<float>({32, 1, 5, 5}, values);
  WriteSafetensors(path, content);
  ExpectError([&] { LoadModelFile(path, {}); },
              {path.string(), "tensor 'conv1.weight'", "entry 7 is nan"});
}

TEST_F(ModelFile, OfIntegersIsRefused) {
  const auto path = Saved("lcv-unet");
  Safetensors content = ReadSafetensors(path);
  content.tensors["conv9.weight"] =
      Array::From<std::int32_t>({1, 32, 5, 5}, std::vector<std::int32_t>(800));
  WriteSafetensors(path, content);
  ExpectError(
      [&] {
        LoadModelFile(path, {"lcv-unet", "", {}});
      },
      {"tensor 'conv9.weight' holds int32, expected floating-point"});
}

TEST_F(ModelFile, ExportedAndReadAgainIsTheSame) {
  const ModelDescription d = TinyDescription("conditioned", 3);
  SaveModel(temp_.Path("tiny"), d, *TinyUnet(d.unet));
  const LoadedModel folder = LoadModel(temp_.Path("tiny"));
  ExportSafetensors(folder, temp_.Path("one.safetensors"));
  const LoadedModel file = LoadModelFile(temp_.Path("one.safetensors"), {});
  EXPECT_TRUE(torch::equal(Estimate(file), Estimate(folder)));
  EXPECT_EQ(file.denoiser->Traits().trained_sigmas->high, 2);

  for (const char* name : {"lcv-bfcnn", "drunet"}) {
    const LoadedModel published = LoadModelFile(Saved(name), {});
    SaveModel(temp_.Path(name), published.description, *published.denoiser->Wrapped());
    EXPECT_TRUE(torch::equal(Estimate(LoadModel(temp_.Path(name))), Estimate(published)));
  }
}

}  // namespace
}  // namespace denoscope
