// Writes tensor archives of Open Image Denoise, also wrong ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "tests/support/pickle_writer.h"

namespace denoscope {

struct TzaTensor {
  std::string name, layout, type;  // "oihw", "h"
  std::vector<std::uint64_t> shape;
  std::string data;
};

// Of small whole numbers 0, 1, 2, .. to 2048, which float16 holds exactly.
inline TzaTensor TzaHalf(const std::string& name,
                         const std::string& layout,
                         const std::vector<std::uint64_t>& shape,
                         const std::vector<unsigned>& values) {
  std::string data;
  for (const unsigned value : values) {
    if (value == 0) {
      data += pickling::Little(0, 2);
      continue;
    }
    unsigned exponent = 0;
    while (value >> (exponent + 1) != 0) ++exponent;
    const unsigned fraction =
        exponent <= 10 ? (value - (1U << exponent)) << (10 - exponent) : 0;  // 2048 alone is above
    data += pickling::Little((exponent + 15) << 10 | fraction, 2);
  }
  return {name, layout, "h", shape, data};
}

inline TzaTensor TzaFloat(const std::string& name,
                          const std::string& layout,
                          const std::vector<std::uint64_t>& shape,
                          const std::vector<float>& values) {
  std::string data(values.size() * sizeof(float), '\0');
  if (!data.empty()) std::memcpy(data.data(), values.data(), data.size());
  return {name, layout, "f", shape, data};
}

inline std::string TzaHeader(std::uint64_t table, unsigned version = 2) {
  return pickling::Little(0x41d7, 2) + pickling::Little(version, 1) + pickling::Little(0, 1) +
         pickling::Little(table, 8);
}

inline std::string TzaEntry(const TzaTensor& tensor, std::uint64_t offset) {
  std::string entry = pickling::Little(tensor.name.size(), 2) + tensor.name;
  entry += pickling::Little(tensor.shape.size(), 1);
  for (const std::uint64_t extent : tensor.shape) entry += pickling::Little(extent, 4);
  return entry + tensor.layout + tensor.type + pickling::Little(offset, 8);
}

// Data and table begin at multiples of 64 bytes, as in files of the library.
inline std::string TzaFileOf(const std::vector<TzaTensor>& tensors) {
  constexpr std::size_t kAlignment = 64;
  std::string body(kAlignment, '\0'), table = pickling::Little(tensors.size(), 4);
  for (const TzaTensor& tensor : tensors) {
    table += TzaEntry(tensor, body.size());
    body += tensor.data;
    body.resize((body.size() + kAlignment - 1) / kAlignment * kAlignment);
  }
  return TzaHeader(body.size()) + body.substr(TzaHeader(0).size()) + table;
}

}  // namespace denoscope
