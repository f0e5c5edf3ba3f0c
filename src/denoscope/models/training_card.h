// The card of a trained model: README.md of its folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "denoscope/base/progress.h"
#include "denoscope/training/train_options.h"

namespace denoscope {

struct TrainingStory {
  std::string data;    // the set that it was trained on
  bool fresh = false;  // images drawn anew
  TrainOptions options;
  std::string command;
};

// Of the model in `folder`, with its error on the test split where there is one.
void WriteTrainingCard(const std::filesystem::path& folder,
                       const TrainingStory& story,
                       const ProgressSink& progress);

}  // namespace denoscope
