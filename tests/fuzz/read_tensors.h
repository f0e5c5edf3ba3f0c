// What the targets for weight files share.
#pragma once

#include <cstddef>
#include <cstdlib>

#include "denoscope/weights/weights_file.h"

namespace denoscope {

// Every tensor must have the bytes that its shape asks for. Returns the bytes of all.
inline std::size_t ReadTensors(const WeightsFile& file) {
  std::size_t total = 0;
  for (const auto& [name, info] : file.Tensors()) {
    const Array array = file.Read(name);
    total += array.bytes.size();
    if (array.bytes.size() != ByteCount(info.type, info.shape)) std::abort();
    if (array.AsDoubles().size() != static_cast<std::size_t>(ElementCount(array.shape)))
      std::abort();
  }
  return total;
}

}  // namespace denoscope
