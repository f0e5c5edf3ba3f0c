// The files of a run folder, to compare runs byte by byte.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "denoscope/files/atomic_file.h"
#include "denoscope/results/run_folder.h"

namespace denoscope {

// Every file of a run but those that may differ between equal runs, by its path in the run.
inline std::map<std::string, std::string> RunFiles(const std::filesystem::path& run) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run)) {
    const std::string name = entry.path().lexically_relative(run).generic_string();
    if (entry.is_regular_file() && name != "run.json" && name != kTiming.file && name != ".claims")
      files[name] = ReadFile(entry.path());
  }
  return files;
}

}  // namespace denoscope
