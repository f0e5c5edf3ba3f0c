// The zip container: entries stored (or deflated, when read), no encryption, one disk, below 4 GiB.
// Source: PKWARE APPNOTE 6.3.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "denoscope/files/atomic_file.h"

namespace denoscope {

// Entries in the order of Add, with the time stamp 1980-01-01 00:00:00, under one atomic file.
class ZipWriter {
 public:
  explicit ZipWriter(std::filesystem::path path);
  // The entry's content is head followed by body.
  void Add(const std::string& name, std::string_view head, std::string_view body);
  void Commit();

 private:
  struct Entry {
    std::string name;
    std::uint32_t crc = 0, size = 0, offset = 0;
  };
  std::filesystem::path path_;
  AtomicFile file_;
  std::vector<Entry> entries_;
  std::uint64_t offset_ = 0;
};

struct ZipEntry {
  std::string name;
  std::string content;
};

// Every entry, checksums verified. Throws, naming the file and the entry, on truncation, a bad
// checksum, a method other than stored or deflated, or encryption.
std::vector<ZipEntry> ReadZip(const std::filesystem::path& path);

}  // namespace denoscope
