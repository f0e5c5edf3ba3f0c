#include "denoscope/denoise/model_folder.h"

#include <gtest/gtest.h>

#include <functional>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"
#include "tests/support/expect_error.h"
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
  void SetUp() override { SaveModel(Path(), Description(), SavedWeights()); }
  std::filesystem::path Path() const { return temp_.Path("model"); }
  std::filesystem::path WeightsPath() const { return Path() / "weights.safetensors"; }
  static Weights SavedWeights() { return NetworkWeights(*TinyUnet(Description().unet)); }

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
  EXPECT_EQ(model.description.trained_sigmas.low, 0.02);
  EXPECT_EQ(model.description.trained_sigmas.high, 2);
  EXPECT_EQ(model.description.training, Description().training);
  std::int64_t parameters = 0;
  for (const auto& [name, array] : SavedWeights()) parameters += ElementCount(array.shape);
  EXPECT_EQ(model.parameters, parameters);
}

TEST_F(ModelFolder, SavingAgainGivesTheSameBytes) {
  const std::string weights = ReadFile(WeightsPath()), json = ReadFile(Path() / "model.json");
  const LoadedModel model = LoadModel(Path());
  SaveModel(Path(), model.description, NetworkWeights(*model.denoiser->Network()));
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

TEST_F(ModelFolder, AFailedLoadChangesNoWeight) {
  Unet network = TinyUnet(Description().unet, 9);
  const Weights before = NetworkWeights(*network);
  Weights weights = SavedWeights();
  weights.erase("tail.bias");
  EXPECT_THROW(LoadNetworkWeights(*network, weights, "source"), Error);
  for (const auto& [name, array] : NetworkWeights(*network))
    EXPECT_EQ(array.bytes, before.at(name).bytes) << name;
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
  ExpectJsonError([](Json& j) { j["version"] = 2; }, {file, "expected version 1, found 2"});
  ExpectJsonError([](Json& j) { j["format"] = "other"; }, {file, "denoscope-model"});
  ExpectJsonError([](Json& j) { j["architecture"] = "dncnn"; }, {file, "'dncnn'", "unet"});
  ExpectJsonError([](Json& j) { j["prediction"] = "eps"; }, {"'eps'", "x0, residual or edm"});
  ExpectJsonError([](Json& j) { j["data_rms"] = 0; }, {file, "data_rms", "positive"});
  ExpectJsonError([](Json& j) { j["trained_sigmas"] = {0.1}; }, {file, "[low, high]"});
  ExpectJsonError([](Json& j) { j["options"]["levels"] = 9; }, {"unet", "1 to 6 levels"});
  ExpectJsonError([](Json& j) { j["options"]["width"] = "wide"; }, {file, "'width'"});
}

TEST_F(ModelFolder, NamesAMissingField) {
  const std::string file = (Path() / "model.json").string();
  for (const std::string field :
       {"format", "version", "architecture", "options", "prediction", "data_rms", "trained_sigmas"})
    ExpectJsonError([&](Json& j) { j.erase(field); }, {file, "'" + field + "'"});
  for (const std::string field : {"channels", "width", "levels", "blocks", "biases", "sigma_map"})
    ExpectJsonError([&](Json& j) { j["options"].erase(field); }, {file, "'" + field + "'"});
}

TEST_F(ModelFolder, SaysWhatAFolderLacks) {
  ExpectError([&] { LoadModel(Path() / "absent"); },
              {"absent", "no such folder", "model.json", "weights.safetensors"});
  std::filesystem::remove(Path() / "model.json");
  ExpectLoadError({"model.json"});
}

TEST(ModelPreset, IsBlindOrConditioned) {
  EXPECT_TRUE(ModelPreset("conditioned").unet.sigma_map);
  EXPECT_TRUE(ModelPreset("conditioned").unet.biases);
  EXPECT_EQ(ModelPreset("conditioned").parameterisation.prediction, Prediction::kEdm);
  EXPECT_FALSE(ModelPreset("blind").unet.sigma_map);
  EXPECT_FALSE(ModelPreset("blind").unet.biases);
  EXPECT_EQ(ModelPreset("blind").parameterisation.prediction, Prediction::kResidual);
  ExpectError([] { ModelPreset("dncnn"); }, {"'dncnn'", "conditioned or blind"});
}

}  // namespace
}  // namespace denoscope
