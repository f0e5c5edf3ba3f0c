// The header of a safetensors file: JSON that names each tensor's type, shape and place.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "denoscope/files/byte_source.h"
#include "denoscope/weights/safetensors.h"
#include "denoscope/weights/weights_file.h"

namespace denoscope {

struct SafetensorsPlace {
  std::string name;
  TensorInfo info;
  std::uint64_t begin = 0, end = 0;  // in the file
};

struct SafetensorsHeader {
  std::vector<SafetensorsPlace>
      tensors;  // in the order of their data, which they cover without gaps
  std::map<std::string, std::string> metadata;
};

SafetensorsHeader ReadSafetensorsHeader(const ByteSource& source);
// Length and JSON, padded. Throws on a tensor that the reader would refuse.
std::string SafetensorsHeaderBytes(const Safetensors& content);

[[noreturn]] void FailInSafetensors(const std::string& path,
                                    const std::string& tensor,
                                    std::string_view what);

}  // namespace denoscope
