#include "denoscope/files/temporary_files.h"

#include <string>

namespace denoscope {

void RemoveTemporaries(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().find(".tmp-") != std::string::npos)
      std::filesystem::remove(entry.path());
}

}  // namespace denoscope
