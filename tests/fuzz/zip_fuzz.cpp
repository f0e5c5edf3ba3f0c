// Any bytes are a zip file or an Error; each entry has the size that the directory tells.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "denoscope/base/error.h"
#include "denoscope/files/zip.h"

using namespace denoscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kLargest = 4 << 20;
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    const ZipArchive zip(MemorySource("fuzz", content));
    for (const ZipEntry& entry : zip.Entries()) {
      if (zip.Find(entry.name) != &entry) std::abort();
      try {
        if (zip.Read(entry, kLargest).size() != entry.size) std::abort();
      } catch (const Error&) {
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
