// The folder that a model is trained into, over several starts of the program.
#pragma once

#include <filesystem>

namespace denoscope {

struct TrainingPlace {
  std::filesystem::path folder;
  bool force = false;  // removes first what an earlier training left
};

// Whether there is a model to train: one without its card was interrupted in its last step, and the
// card alone is made. Rank 0 looks, for all.
bool IsToTrain(const TrainingPlace& place);

}  // namespace denoscope
