#include "denoscope/models/opened_model.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "denoscope/files/atomic_file.h"
#include "tests/support/published_networks.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_network.h"
#include "tests/support/torch_writer.h"

namespace denoscope {
namespace {

std::string StateDictionary(TorchWriter& writer, std::uint64_t seed) {
  pickling::Entries entries;
  const NetworkTable table = NarrowArchitecture("kair-dncnn").table;
  for (const auto& [name, array] : RandomNetwork(table, seed)->Weights())
    entries.emplace_back(name, writer.TypedTensor(array, "FloatStorage"));
  return pickling::OrderedDict(entries);
}

Json IdentityOf(const std::filesystem::path& file, const std::string& weights_key) {
  FileReading reading;
  reading.weights_key = weights_key;
  return Identified(LoadModelFile(file, reading), {}).identity;
}

// The hash is of the whole file: a run went on with another network of it.
TEST(OpenedModel, IsKnownByItsPlaceInACheckpoint) {
  const TempDir folder;
  const auto file = folder.Path("x.pt");
  TorchWriter both;
  const std::string first = StateDictionary(both, 1), second = StateDictionary(both, 2);
  WriteFile(file, both.File(pickling::Dict({{"model", first}, {"ema", second}})));
  const Json found = IdentityOf(file, "");
  EXPECT_EQ(found["weights_key"], "model");
  EXPECT_EQ(found, IdentityOf(file, "model"));
  Json other = IdentityOf(file, "ema");
  EXPECT_EQ(other["weights_key"], "ema");
  other["weights_key"] = "model";
  EXPECT_EQ(other, found) << "nothing else tells them apart";
  TorchWriter one;
  WriteFile(file, one.File(StateDictionary(one, 1)));
  EXPECT_FALSE(IdentityOf(file, "").contains("weights_key"));
}

TEST(OpenedModel, IsKnownByHowItIsRead) {
  const auto identity = [](const std::function<void(FileReading&)>& change) {
    FileReading reading;
    change(reading);
    LoadedModel model;
    model.description = TinyDescription("conditioned");
    model.denoiser = TinyDenoiser(model.description);
    reading.Apply(model.description.parameterisation);
    return Identified(std::move(model), {}).identity;
  };
  const NoiseSchedule another("mine", {0.9, 0.5}), a_third("mine", {0.9, 0.4});
  const std::vector<std::function<void(FileReading&)>> changes = {
      [](FileReading&) {},
      [](FileReading& r) { r.prediction = Prediction::kEps; },
      [](FileReading& r) { r.sigma_input = SigmaInput::kMap; },
      [](FileReading& r) { r.schedule = NoiseSchedule::Linear(); },
      [](FileReading& r) { r.schedule = NoiseSchedule::Cosine(); },
      [&](FileReading& r) { r.schedule = another; },
      [&](FileReading& r) { r.schedule = a_third; },
      [](FileReading& r) {
        r.range = ValueRange{-1, 1};
      },
      [](FileReading& r) { r.data_rms = 0.25; },
      [](FileReading& r) { r.sigma_scale = 255; },
      [](FileReading& r) { r.clamp_input = true; }};
  std::set<Json> all;
  for (const auto& change : changes) all.insert(identity(change));
  EXPECT_EQ(all.size(), changes.size());
}

}  // namespace
}  // namespace denoscope
