// Any bytes are a checkpoint or an Error; each tensor has the bytes that its shape asks for. Bytes
// are taken as a file and as what follows the head of a legacy file: without checksums, what the
// object means is reached more often.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "denoscope/base/error.h"
#include "denoscope/weights/torch_checkpoint.h"
#include "tests/fuzz/read_tensors.h"

using namespace denoscope;

namespace {

constexpr std::string_view kLegacyHead(
    "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."  // magic number
    "\x80\2M\xe9\3."                                           // version 1001
    "\x80\2}X\x0d\0\0\0little_endian\x88s.",
    45);

void ReadAll(std::string_view content, const std::string& key) {
  try {
    const auto file = OpenTorchCheckpoint(MemorySource("fuzz", content), key);
    ReadTensors(*file);
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  ReadAll(content, "");
  ReadAll(std::string(kLegacyHead) + std::string(content), "");
  ReadAll(content, "model.0");
  return 0;
}
