// Any bytes are safetensors or an Error; each tensor has the bytes that its shape asks for.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "denoscope/base/error.h"
#include "denoscope/weights/safetensors.h"
#include "tests/fuzz/read_tensors.h"

using namespace denoscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    const auto file = OpenSafetensors(MemorySource("fuzz", content));
    ReadTensors(*file);
  } catch (const Error&) {
  }
  return 0;
}
