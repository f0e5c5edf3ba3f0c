// The safetensors container: an 8-byte header length, a JSON header, the tensors' bytes.
// Source: the format's README (Hugging Face safetensors).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "denoscope/arrays/array.h"
#include "denoscope/files/byte_source.h"
#include "denoscope/weights/weights_file.h"

namespace denoscope {

struct Safetensors {
  std::map<std::string, Array> tensors;
  std::map<std::string, std::string> metadata;
};

// Reads the header alone. Throws on a truncated file, a header that is not JSON, offsets that
// overlap, leave gaps or leave the file, sizes that do not fit the shape, and element types outside
// ElementType.
std::unique_ptr<WeightsFile> OpenSafetensors(std::shared_ptr<const ByteSource> source);

Safetensors ReadSafetensors(const std::filesystem::path& path);
void WriteSafetensors(const std::filesystem::path& path, const Safetensors& content);

}  // namespace denoscope
