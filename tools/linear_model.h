// The denoisers fitted to the training split: linear:projection:R, and on the first N images or all
// of them linear:wiener[:N], linear:shrunk[:N], linear:empirical[:N], linear:mixture:K[:N].
#pragma once

#include <string>

#include "tools/model_argument.h"

namespace denoscope {

std::string LinearModelNames();  // for messages

// UsageError for a name that is none of these. The identity has n, rank of a projection
// and clusters, K, of a mixture.
OpenedModel OpenLinearModel(const std::string& name, const TrainingReference& reference);

}  // namespace denoscope
