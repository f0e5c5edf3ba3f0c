// Any bytes are an array or an Error; an array survives being written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "denoscope/arrays/npy.h"
#include "denoscope/base/error.h"

using namespace denoscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Array array = ParseNpy({reinterpret_cast<const char*>(data), size}, "fuzz");
    if (array.AsDoubles().size() != static_cast<std::size_t>(ElementCount(array.shape)))
      std::abort();
    const std::string again =
        NpyHeader(array) + std::string(array.bytes.begin(), array.bytes.end());
    const Array same = ParseNpy(again, "again");
    if (same.type != array.type || same.shape != array.shape || same.bytes != array.bytes)
      std::abort();
  } catch (const Error&) {
  }
  return 0;
}
