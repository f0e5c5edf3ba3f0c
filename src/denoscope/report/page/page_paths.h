// The paths of a sampling run for its page.
#pragma once

#include <filesystem>

#include "denoscope/files/json.h"

namespace denoscope {

// Null without paths. Of the first samples, at evenly chosen states: "sheets", by name
// ("deep_noisy" x_t, "deep_denoised" D(x_t), linear twins) tiles with a row a sample and a column a
// state; "states", the number of each; "sigmas", a list a state of a value a sample.
Json PagePaths(const std::filesystem::path& run, Json& notes);

}  // namespace denoscope
