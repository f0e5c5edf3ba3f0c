// The curve of a training, from the metrics that it left in its model folder.
#pragma once

#include <filesystem>

#include "denoscope/report/plots/figure.h"

namespace denoscope {

// Reads metrics.jsonl of a model folder and writes training.png, its script and data into the
// folder `figures` there. Throws, naming file and line, on metrics that cannot be read.
Figure TrainingFigure(const std::filesystem::path& model_folder);

}  // namespace denoscope
