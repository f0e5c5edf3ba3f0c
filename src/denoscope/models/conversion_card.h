// The card of a model that was converted from another file: README.md of its folder.
#pragma once

#include <string>

#include "denoscope/denoise/model_folder.h"

namespace denoscope {

// name: of the folder; source: the file that it comes from.
std::string ConversionCard(const LoadedModel& model,
                           const std::string& name,
                           const std::string& source,
                           const std::string& command);

}  // namespace denoscope
