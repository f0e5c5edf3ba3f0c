#include "denoscope/training/training_place.h"

#include "denoscope/ranks/meeting.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

void RemoveModel(const fs::path& folder) {
  for (const char* part : {"model.json",
                           "weights.safetensors",
                           "README.md",
                           "metrics.jsonl",
                           "checkpoint.safetensors"})
    fs::remove(folder / part);
  fs::remove_all(folder / "figures");
}

}  // namespace

bool IsToTrain(const TrainingPlace& place) {
  Ranks& ranks = Ranks::OfThisJob();
  bool trains = true;
  Meeting(ranks).Step([&] {
    if (!ranks.IsFirst()) return;
    if (place.force) RemoveModel(place.folder);
    trains = !fs::exists(place.folder / "model.json") || fs::exists(place.folder / "README.md");
  });
  return !ranks.Gather(trains ? "yes" : "")[0].empty();
}

}  // namespace denoscope
