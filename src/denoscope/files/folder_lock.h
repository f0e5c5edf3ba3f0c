// One program at a time in a folder: held while the object lives, given up by the system when the
// program ends in whatever way. Leaves no file.
#pragma once

#include <filesystem>

namespace denoscope {

class FolderLock {
 public:
  // Throws, naming `job`, when another program holds it. The folder must exist.
  FolderLock(const std::filesystem::path& folder, const char* job);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace denoscope
