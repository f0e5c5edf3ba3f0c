// Any bytes are a tensor archive or an Error; each tensor has the bytes that its shape asks for.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "denoscope/base/error.h"
#include "denoscope/weights/tza.h"
#include "tests/fuzz/read_tensors.h"

using namespace denoscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    const auto file = OpenTza(MemorySource("fuzz", content));
    if (ReadTensors(*file) > size) std::abort();  // data that overlap
  } catch (const Error&) {
  }
  return 0;
}
