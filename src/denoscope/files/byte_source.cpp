#include "denoscope/files/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

std::string Reason(int error) { return std::generic_category().message(error); }

// Positioned reads rather than a mapping: a file cut short meanwhile is an error, not a signal.
class FileSource final : public ByteSource {
 public:
  FileSource(const std::filesystem::path& path, int descriptor, std::uint64_t size)
      : ByteSource(path.string(), size), descriptor_(descriptor) {}
  ~FileSource() override { ::close(descriptor_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

 protected:
  void Fetch(std::uint64_t offset, void* bytes, std::size_t size) const override {
    auto* to = static_cast<char*>(bytes);
    while (size > 0) {
      const ssize_t got = ::pread(descriptor_, to, size, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw Error("file '{}': cannot read: {}", Name(), Reason(errno));
      if (got == 0) throw Error("file '{}': cut short while being read", Name());
      to += got;
      offset += static_cast<std::uint64_t>(got);
      size -= static_cast<std::size_t>(got);
    }
  }

 private:
  int descriptor_;
};

class ViewSource final : public ByteSource {
 public:
  ViewSource(std::string name, std::string_view content)
      : ByteSource(std::move(name), content.size()), content_(content) {}

 protected:
  void Fetch(std::uint64_t offset, void* bytes, std::size_t size) const override {
    std::memcpy(bytes, content_.data() + offset, size);
  }

 private:
  std::string_view content_;
};

}  // namespace

void ByteSource::Read(std::uint64_t offset, void* bytes, std::size_t size) const {
  if (offset > size_ || size > size_ - offset)
    throw Error("file '{}': truncated: expected {} bytes at byte {}, found {}",
                name_,
                size,
                offset,
                size_ - (offset < size_ ? offset : size_));
  if (size > 0) Fetch(offset, bytes, size);
}

std::string ByteSource::Read(std::uint64_t offset, std::size_t size) const {
  if (offset > size_ || size > size_ - offset) Read(offset, nullptr, size);  // throws
  std::string bytes(size, '\0');
  Read(offset, bytes.data(), size);
  return bytes;
}

std::shared_ptr<const ByteSource> OpenFile(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw Error("file '{}': cannot open: {}", path.string(), Reason(errno));
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    throw Error("file '{}': expected a regular file, found another kind", path.string());
  }
  return std::make_shared<FileSource>(path, descriptor, static_cast<std::uint64_t>(status.st_size));
}

std::shared_ptr<const ByteSource> MemorySource(std::string name, std::string_view content) {
  return std::make_shared<ViewSource>(std::move(name), content);
}

}  // namespace denoscope
