#include "denoscope/arrays/mapped_array.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "denoscope/arrays/npy_header.h"
#include "denoscope/base/error.h"

namespace denoscope {
namespace {

struct File {
  int descriptor = -1;
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

[[noreturn]] void Fail(const std::filesystem::path& path, const char* action) {
  throw Error("file '{}': {}: {}", path.string(), action, std::generic_category().message(errno));
}

}  // namespace

MappedArray MapNpy(const std::filesystem::path& path) {
  const std::string name = path.string();
  const File file = {::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status = {};
  if (file.descriptor < 0 || ::fstat(file.descriptor, &status) != 0) Fail(path, "cannot open");
  if (!S_ISREG(status.st_mode)) throw Error("file '{}': expected a regular file", name);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) throw Error("npy '{}': expected the magic '\\x93NUMPY', found no bytes", name);
  void* map = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.descriptor, 0);
  if (map == MAP_FAILED) Fail(path, "cannot map");
  const std::shared_ptr<const char> bytes(static_cast<const char*>(map), [size](const char* begin) {
    ::munmap(const_cast<char*>(begin), size);
  });
  const NpyLayout layout = ParseNpyHeader({bytes.get(), size}, name);
  if (layout.fortran_order)
    throw Error("npy '{}': expected row-major data to map, found Fortran order", name);
  if (layout.offset % ElementSize(layout.type) != 0)
    throw Error("npy '{}': expected data aligned to {} bytes, found them at byte {}",
                name,
                ElementSize(layout.type),
                layout.offset);
  return {layout.type, layout.shape, {bytes, bytes.get() + layout.offset}};
}

}  // namespace denoscope
