#include "denoscope/files/claims.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

constexpr std::int64_t kPresence = 0;

// A byte that stands for the name: FNV-1a, 62 bits. Two names of one byte would wait for each other
// and no more.
std::int64_t ByteOf(std::string_view name) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return static_cast<std::int64_t>(hash >> 2) | 1;
}

// A descriptor of its own: locks belong to it, and closing it gives them up.
std::shared_ptr<int> Open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0)
    throw Error("file '{}': cannot be opened for locks: {}", file.string(), std::strerror(errno));
  return {new int(descriptor), [](const int* d) {
            ::close(*d);
            delete d;
          }};
}

// type: F_WRLCK alone, F_RDLCK with others.
bool Lock(int descriptor, std::int64_t byte, short type, const std::filesystem::path& file) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  while (::fcntl(descriptor, F_OFD_SETLK, &lock) != 0) {
    if (errno == EAGAIN || errno == EACCES) return false;
    const bool without_locks =
        errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL;
    if (without_locks) return true;
    if (errno != EINTR)
      throw Error("file '{}': cannot be locked: {}", file.string(), std::strerror(errno));
  }
  return true;
}

}  // namespace

Claims::Claims(const std::filesystem::path& file) : file_(file), presence_(Open(file)) {
  // Who asks whether he is alone holds the byte for a moment.
  while (!Lock(*presence_, kPresence, F_RDLCK, file_)) std::this_thread::yield();
}

Claims::Claim Claims::Try(std::string_view name) const {
  Claim claim;
  std::shared_ptr<int> descriptor = Open(file_);
  if (Lock(*descriptor, ByteOf(name), F_WRLCK, file_)) claim.descriptor_ = std::move(descriptor);
  return claim;
}

Claims::Claim Claims::Wait(std::string_view name) const {
  for (;;) {
    if (Claim claim = Try(name)) return claim;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

bool Claims::Alone() const {
  if (!Lock(*presence_, kPresence, F_WRLCK, file_)) return false;
  Lock(*presence_, kPresence, F_RDLCK, file_);
  return true;
}

}  // namespace denoscope
