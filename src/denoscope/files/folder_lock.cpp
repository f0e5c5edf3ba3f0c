#include "denoscope/files/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "denoscope/base/error.h"

namespace denoscope {

FolderLock::FolderLock(const std::filesystem::path& folder, const char* job)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0)
    throw Error("{}: folder '{}' cannot be opened: {}", job, folder.string(), std::strerror(errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int why = errno;
  ::close(descriptor_);
  if (why == EWOULDBLOCK)
    throw Error(
        "{}: another program is at work in '{}', expected one at a time", job, folder.string());
  throw Error("{}: folder '{}' cannot be locked: {}", job, folder.string(), std::strerror(why));
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace denoscope
