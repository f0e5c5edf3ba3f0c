// Bytes read at an offset: a file, or memory in tests and fuzzing. Readers of big files take what
// they need from a source, so that a file is never whole in memory beside its tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace denoscope {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  const std::string& Name() const { return name_; }  // for messages
  std::uint64_t Size() const { return size_; }

  // The bytes [offset, offset + size). Throws, naming the source, when they leave it.
  void Read(std::uint64_t offset, void* bytes, std::size_t size) const;
  std::string Read(std::uint64_t offset, std::size_t size) const;

 protected:
  ByteSource(std::string name, std::uint64_t size) : name_(std::move(name)), size_(size) {}
  virtual void Fetch(std::uint64_t offset, void* bytes, std::size_t size) const = 0;

 private:
  std::string name_;
  std::uint64_t size_;
};

// Throws on a file that cannot be opened or is not a regular one.
std::shared_ptr<const ByteSource> OpenFile(const std::filesystem::path& path);
// A view: `content` must outlive the source.
std::shared_ptr<const ByteSource> MemorySource(std::string name, std::string_view content);

}  // namespace denoscope
