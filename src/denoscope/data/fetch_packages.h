// Debian packages unpacked into a folder, nothing installed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/base/progress.h"

namespace denoscope {

// Each package's files to `folder`/PACKAGE, from where the system's apt gets its packages. Those
// that are there already stay. Throws, with what apt-get said, when one cannot be had.
void FetchPackages(const std::vector<std::string>& packages,
                   const std::filesystem::path& folder,
                   const ProgressSink& progress);

}  // namespace denoscope
