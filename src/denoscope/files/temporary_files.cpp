#include "denoscope/files/temporary_files.h"

namespace denoscope {

void RemoveTemporaries(const std::filesystem::path& folder, const std::string& name) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string found = entry.path().filename().string();
    if (found.rfind(name, 0) == 0 && found.find(".tmp-") != std::string::npos)
      std::filesystem::remove(entry.path());
  }
}

}  // namespace denoscope
