// Any bytes are a pickle or an Error; its nodes refer to nodes that exist and are no more than the
// bytes that made them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "denoscope/base/error.h"
#include "denoscope/weights/pickle.h"
#include "denoscope/weights/torch_globals.h"

using namespace denoscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    const Pickle pickle = ParsePickle(content, "fuzz", TorchGlobals());
    const std::size_t count = pickle.nodes.size();
    if (pickle.root >= count || count > size + 1 || pickle.size > size) std::abort();
    for (const PickleNode& node : pickle.nodes) {
      if (node.contents >= count || node.offset >= size) std::abort();
      for (const std::uint32_t item : node.items)
        if (item >= count) std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}
