// The zip container: entries stored (or deflated, when read), no encryption, one disk; zip64 is
// read, not written. Source: PKWARE APPNOTE 6.3.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "denoscope/files/atomic_file.h"
#include "denoscope/files/byte_source.h"

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
  bool stored = true;  // else deflated
  std::uint64_t size = 0, packed = 0;
  std::uint64_t offset = 0;  // of the packed bytes in the source
  std::uint32_t crc = 0;
};

// The directory is read and checked at once: throws, naming source and entry, on truncation,
// entries that overlap or leave the file, names that occur twice or are no plain relative path
// (absolute, with "..", a backslash or a control character), a method other than stored or
// deflated, or encryption.
class ZipArchive {
 public:
  explicit ZipArchive(std::shared_ptr<const ByteSource> source);

  const ByteSource& Source() const { return *source_; }
  const std::vector<ZipEntry>& Entries() const { return entries_; }
  const ZipEntry* Find(const std::string& name) const;  // null when there is none
  // The content, unpacked; throws unless its checksum holds, or when it is above `largest` bytes.
  std::string Read(const ZipEntry& entry, std::uint64_t largest = UINT64_MAX) const;

 private:
  std::shared_ptr<const ByteSource> source_;
  std::vector<ZipEntry> entries_;
  std::map<std::string, std::size_t> by_name_;
};

// The zip format's CRC-32, continued from `start`. By libdeflate: 3.5 times as fast as zlib's, and
// half of the time of reading a big checkpoint was its checksum.
std::uint32_t ZipChecksum(std::string_view bytes, std::uint32_t start = 0);
// Of two pieces one after the other, from the checksum of each and the size of the second.
std::uint32_t ZipChecksumOfBoth(std::uint32_t first, std::uint32_t second, std::uint64_t size);

}  // namespace denoscope
