#include "denoscope/weights/safetensors.h"

#include <cstdint>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/weights/safetensors_header.h"

namespace denoscope {
namespace {

class SafetensorsFile final : public WeightsFile {
 public:
  explicit SafetensorsFile(std::shared_ptr<const ByteSource> source)
      : WeightsFile(source->Name(), "safetensors"), source_(std::move(source)) {
    SafetensorsHeader header = ReadSafetensorsHeader(*source_);
    metadata_ = std::move(header.metadata);
    for (SafetensorsPlace& place : header.tensors) {
      begins_[place.name] = place.begin;
      tensors_[place.name] = std::move(place.info);
    }
  }

  Array Read(const std::string& tensor) const override {
    const auto found = tensors_.find(tensor);
    if (found == tensors_.end())
      FailInSafetensors(
          name_,
          tensor,
          fmt::format("expected one of the file's {} tensors, found none of this name",
                      tensors_.size()));
    Array array;
    array.type = found->second.type;
    array.shape = found->second.shape;
    array.bytes.resize(ByteCount(array.type, array.shape));
    const std::uint64_t begin = begins_.at(tensor);
    try {
      source_->Read(begin, array.bytes.data(), array.bytes.size());
    } catch (const Error& e) {
      FailInSafetensors(
          name_, tensor, fmt::format("{} bytes at {}: {}", array.bytes.size(), begin, e.what()));
    }
    return array;
  }

 private:
  std::shared_ptr<const ByteSource> source_;
  std::map<std::string, std::uint64_t> begins_;  // where a tensor's bytes begin in the file
};

}  // namespace

std::unique_ptr<WeightsFile> OpenSafetensors(std::shared_ptr<const ByteSource> source) {
  return std::make_unique<SafetensorsFile>(std::move(source));
}

Safetensors ReadSafetensors(const std::filesystem::path& path) {
  const std::unique_ptr<WeightsFile> file = OpenSafetensors(OpenFile(path));
  Safetensors content;
  content.metadata = file->Metadata();
  for (const auto& [name, info] : file->Tensors()) content.tensors[name] = file->Read(name);
  return content;
}

void WriteSafetensors(const std::filesystem::path& path, const Safetensors& content) {
  std::string header;
  try {
    header = SafetensorsHeaderBytes(content);
  } catch (const std::exception& e) {
    throw Error("safetensors '{}': cannot write: {}", path.string(), e.what());
  }
  AtomicFile file(path);
  file.Write(header.data(), header.size());
  for (const auto& [name, array] : content.tensors)
    file.Write(array.bytes.data(), array.bytes.size());
  file.Commit();
}

}  // namespace denoscope
