// The folder that a model is trained into, over several starts of the program.
#pragma once

#include <filesystem>

namespace denoscope {

// Whether there is a model to train: one without its card was interrupted in its last step, and the
// card alone is made. `force` removes first what an earlier training left. Rank 0 looks, for all.
bool IsToTrain(const std::filesystem::path& folder, bool force);

}  // namespace denoscope
