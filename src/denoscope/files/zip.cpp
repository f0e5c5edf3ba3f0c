#include "denoscope/files/zip.h"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/files/zip_records.h"

namespace denoscope {
namespace {

constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kTime = 0, kDate = 1u << 5 | 1u;  // 1980-01-01 00:00:00

void Put16(std::string& out, std::uint32_t value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>(value >> 8 & 0xff);
}

void Put32(std::string& out, std::uint32_t value) {
  Put16(out, value & 0xffff);
  Put16(out, value >> 16);
}

// What the local and the central header have in common: version needed to length of the name.
void PutShared(std::string& out, const std::string& name, std::uint32_t crc, std::uint32_t size) {
  const bool ascii = std::all_of(
      name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  Put16(out, kVersion);
  Put16(out, ascii ? 0 : kZipUtf8);
  Put16(out, kZipStored);
  Put16(out, kTime);
  Put16(out, kDate);
  Put32(out, crc);
  Put32(out, size);
  Put32(out, size);
  Put16(out, static_cast<std::uint32_t>(name.size()));
  Put16(out, 0);
}

// Inflates piece by piece into `content`; whether the stream is whole and fills it exactly.
class Inflater {
 public:
  Inflater() : good_(inflateInit2(&stream_, -MAX_WBITS) == Z_OK) {}
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool Inflate(const ByteSource& source, const ZipEntry& entry, std::string& content) {
    std::string piece;
    std::uint64_t read = 0, written = 0;
    int code = good_ ? Z_OK : Z_MEM_ERROR;
    while (code == Z_OK) {
      if (stream_.avail_in == 0 && read < entry.packed) {
        piece = source.Read(entry.offset + read, Piece(entry.packed - read));
        read += piece.size();
        stream_.next_in = reinterpret_cast<Bytef*>(piece.data());
        stream_.avail_in = static_cast<uInt>(piece.size());
      }
      const std::size_t room = Piece(content.size() - written);
      stream_.next_out = reinterpret_cast<Bytef*>(content.data() + written);
      stream_.avail_out = static_cast<uInt>(room);
      code = inflate(&stream_, Z_NO_FLUSH);
      written += room - stream_.avail_out;
    }
    return code == Z_STREAM_END && stream_.avail_in == 0 && read == entry.packed &&
           written == content.size();
  }

 private:
  static std::size_t Piece(std::uint64_t left) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(left, std::uint64_t{1} << 20));
  }

  z_stream stream_ = {};
  bool good_;
};

}  // namespace

ZipWriter::ZipWriter(std::filesystem::path path) : path_(std::move(path)), file_(path_) {}

void ZipWriter::Add(const std::string& name, std::string_view head, std::string_view body) {
  const std::uint64_t size = head.size() + body.size();
  const auto same = [&](const Entry& e) { return e.name == name; };
  if (name.empty() || name.size() > kZipMax16)
    throw Error(
        "zip '{}': expected a name of 1 to 65535 bytes, found {}", path_.string(), name.size());
  if (const std::string_view trouble = ZipNameTrouble(name); !trouble.empty())
    FailZipEntry(path_.string(),
                 name,
                 fmt::format("expected a plain relative path as name, found {}", trouble));
  if (std::any_of(entries_.begin(), entries_.end(), same))
    throw Error(
        "zip '{}': entry '{}': expected each name once, found it twice", path_.string(), name);
  if (entries_.size() + 1 >= kZipMax16 || offset_ + kZipLocalSize + name.size() + size >= kZipMax32)
    throw Error(
        "zip '{}': entry '{}': expected less than 4 GiB and 65535 entries, found {} bytes "
        "in {} entries",
        path_.string(),
        name,
        offset_ + size,
        entries_.size() + 1);
  Entry entry;
  entry.name = name;
  entry.crc = ZipChecksum(body, ZipChecksum(head));
  entry.size = static_cast<std::uint32_t>(size);
  entry.offset = static_cast<std::uint32_t>(offset_);
  std::string header;
  Put32(header, kZipLocalSignature);
  PutShared(header, name, entry.crc, entry.size);
  header += name;
  file_.Write(header.data(), header.size());
  file_.Write(head.data(), head.size());
  file_.Write(body.data(), body.size());
  offset_ += header.size() + size;
  entries_.push_back(std::move(entry));
}

void ZipWriter::Commit() {
  std::string directory;
  for (const Entry& entry : entries_) {
    Put32(directory, kZipCentralSignature);
    Put16(directory, kVersion);
    PutShared(directory, entry.name, entry.crc, entry.size);
    Put16(directory, 0);  // comment
    Put16(directory, 0);  // disk
    Put16(directory, 0);  // internal attributes
    Put32(directory, 0);  // external attributes
    Put32(directory, entry.offset);
    directory += entry.name;
  }
  const std::uint64_t size = directory.size();
  if (offset_ + size >= kZipMax32)
    throw Error(
        "zip '{}': expected less than 4 GiB, found {} bytes", path_.string(), offset_ + size);
  Put32(directory, kZipEndSignature);
  Put32(directory, 0);  // this disk, the directory's disk
  Put16(directory, static_cast<std::uint32_t>(entries_.size()));
  Put16(directory, static_cast<std::uint32_t>(entries_.size()));
  Put32(directory, static_cast<std::uint32_t>(size));
  Put32(directory, static_cast<std::uint32_t>(offset_));
  Put16(directory, 0);  // comment
  file_.Write(directory.data(), directory.size());
  file_.Commit();
}

ZipArchive::ZipArchive(std::shared_ptr<const ByteSource> source)
    : source_(std::move(source)), entries_(ReadZipDirectory(*source_)) {
  for (std::size_t i = 0; i < entries_.size(); ++i) by_name_[entries_[i].name] = i;
}

const ZipEntry* ZipArchive::Find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &entries_[found->second];
}

std::string ZipArchive::Read(const ZipEntry& entry, std::uint64_t largest) const {
  if (entry.size > largest)
    FailZipEntry(source_->Name(),
                 entry.name,
                 fmt::format("expected at most {} bytes, found {}", largest, entry.size));
  std::string content;
  if (entry.stored) {
    content = source_->Read(entry.offset, static_cast<std::size_t>(entry.size));
  } else {
    content.resize(static_cast<std::size_t>(entry.size));
    if (!Inflater().Inflate(*source_, entry, content))
      FailZipEntry(source_->Name(),
                   entry.name,
                   fmt::format("expected a deflated stream of {} bytes that inflates to {}, found "
                               "another",
                               entry.packed,
                               entry.size));
  }
  const std::uint32_t crc = ZipChecksum(content);
  if (crc != entry.crc)
    FailZipEntry(source_->Name(),
                 entry.name,
                 fmt::format("expected checksum {:08x}, found {:08x}", entry.crc, crc));
  return content;
}

std::uint32_t ZipChecksum(std::string_view bytes, std::uint32_t start) {
  // A null pointer asks for a fresh start, whatever `start` is.
  if (bytes.empty()) return start;
  return libdeflate_crc32(start, bytes.data(), bytes.size());
}

std::uint32_t ZipChecksumOfBoth(std::uint32_t first, std::uint32_t second, std::uint64_t size) {
  return static_cast<std::uint32_t>(crc32_combine(first, second, static_cast<z_off_t>(size)));
}

}  // namespace denoscope
