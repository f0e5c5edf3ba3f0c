// The number that up to eight bytes of a file hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace denoscope {

inline std::uint64_t LittleEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

}  // namespace denoscope
