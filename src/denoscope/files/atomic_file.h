// Files appear whole or not at all: written under a temporary name beside the target, flushed,
// checked and renamed. Every file that denoscope writes goes through here.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace denoscope {

class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);  // throws if the folder cannot be written
  ~AtomicFile();                                      // without Commit: the temporary file is gone
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void Write(const void* bytes, std::size_t size);  // throws on a full disk, naming the target
  void Commit();                                    // to disk, then to its final name

 private:
  std::filesystem::path target_, temporary_;
  int descriptor_ = -1;
  std::vector<char> buffer_;

  void Flush();
  void Discard() noexcept;
  [[noreturn]] void Fail();  // with errno; the temporary file is gone
};

void WriteFile(const std::filesystem::path& path, std::string_view content);
std::string ReadFile(const std::filesystem::path& path);
// The content of a plain or gzip-compressed file, uncompressed.
std::string ReadGzipFile(const std::filesystem::path& path);
std::string Sha256Hex(std::string_view content);
std::string Sha256Bytes(std::string_view content);            // 32, not as text
std::string Sha256OfFile(const std::filesystem::path& path);  // read piece by piece

}  // namespace denoscope
