// The two containers that torch.save writes: an object as a pickle, and storages beside it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "denoscope/files/byte_source.h"
#include "denoscope/weights/torch_objects.h"

namespace denoscope {

struct StorageBytes {
  std::uint64_t offset = 0, size = 0;  // in the file
  std::optional<std::uint32_t> crc;    // zip files alone have checksums
};

struct TorchContainer {
  std::string format;  // "torch zip", "torch legacy"
  TorchObjects objects;
  std::map<std::string, StorageBytes> storages;  // by key
};

// <prefix>/data.pkl, and <prefix>/data/<key> for each storage.
TorchContainer ReadTorchZip(const std::shared_ptr<const ByteSource>& source);

// Pickles of a magic number, a version, the system's sizes, the object and the storages' keys; then
// for each key the count of elements and the elements.
TorchContainer ReadTorchLegacy(const ByteSource& source);

}  // namespace denoscope
