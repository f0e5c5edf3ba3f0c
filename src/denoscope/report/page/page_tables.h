// The tables of a run for its page.
#pragma once

#include <filesystem>

#include "denoscope/files/json.h"

namespace denoscope {

// Of each CSV file of the run but its times: {"name", "columns", "rows" of texts as they are in the
// file, "total"}. Of a table that is too long evenly chosen rows; `total` counts all. What cannot
// be read is told in `notes`.
Json PageTables(const std::filesystem::path& run, Json& notes);

}  // namespace denoscope
