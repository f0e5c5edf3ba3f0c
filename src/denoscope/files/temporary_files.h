// What programs that died while they wrote have left behind.
#pragma once

#include <filesystem>
#include <string>

namespace denoscope {

// Files under temporary names, NAME.tmp-.., whose names begin with `name`, which nobody is writing.
void RemoveTemporaries(const std::filesystem::path& folder, const std::string& name = "");

}  // namespace denoscope
