// What programs that died while they wrote have left behind.
#pragma once

#include <filesystem>

namespace denoscope {

// Of a folder in which nobody is writing: the files under temporary names, NAME.tmp-..
void RemoveTemporaries(const std::filesystem::path& folder);

}  // namespace denoscope
