#include "denoscope/files/zip.h"

#include <zlib.h>

#include <algorithm>
#include <set>
#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50, kCentralSignature = 0x02014b50,
                        kEndSignature = 0x06054b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22;
constexpr std::uint32_t kMax16 = 0xffff, kMax32 = 0xffffffff;  // these values announce zip64
constexpr std::uint16_t kVersion = 20, kStored = 0, kDeflated = 8;
constexpr std::uint16_t kEncrypted = 1u << 0, kSizesFollow = 1u << 3, kUtf8 = 1u << 11;
constexpr std::uint16_t kTime = 0, kDate = 1u << 5 | 1u;  // 1980-01-01 00:00:00

void Put16(std::string& out, std::uint32_t value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>(value >> 8 & 0xff);
}

void Put32(std::string& out, std::uint32_t value) {
  Put16(out, value & 0xffff);
  Put16(out, value >> 16);
}

std::uint32_t Checksum(std::string_view bytes, std::uint32_t start = 0) {
  // zlib takes a null pointer for a request to start afresh, whatever `start` is.
  if (bytes.empty()) return start;
  return static_cast<std::uint32_t>(
      crc32_z(start, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// What the local and the central header have in common: version needed to length of the name.
void PutShared(std::string& out, const std::string& name, std::uint32_t crc, std::uint32_t size) {
  const bool ascii = std::all_of(
      name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  Put16(out, kVersion);
  Put16(out, ascii ? 0 : kUtf8);
  Put16(out, kStored);
  Put16(out, kTime);
  Put16(out, kDate);
  Put32(out, crc);
  Put32(out, size);
  Put32(out, size);
  Put16(out, static_cast<std::uint32_t>(name.size()));
  Put16(out, 0);
}

// Reads little-endian fields at checked offsets of the whole file.
class ZipReader {
 public:
  ZipReader(std::string_view file, std::string name) : file_(file), name_(std::move(name)) {}

  std::vector<ZipEntry> Entries() {
    const std::size_t end = FindEnd();
    const std::uint32_t count = Get16(end + 10), size = Get32(end + 12);
    directory_ = Get32(end + 16);
    if (count == kMax16 || size == kMax32 || directory_ == kMax32)
      Fail("expected a file below 4 GiB and 65535 entries, found zip64");
    if (Get32(end + 4) != 0 || Get16(end + 8) != count)
      Fail("expected one disk, found a part of a file on several");
    if (directory_ > end || size > end - directory_)
      Fail(
          fmt::format("truncated: expected a directory of {} bytes at {}, found {} bytes before "
                      "its end record",
                      size,
                      directory_,
                      end));
    std::vector<ZipEntry> entries;
    std::size_t at = directory_;
    for (std::uint32_t i = 0; i < count; ++i) entries.push_back(NextEntry(at, directory_ + size));
    if (at != directory_ + size)
      Fail(fmt::format("expected a directory of {} bytes, found {}", size, at - directory_));
    return entries;
  }

 private:
  struct Central {
    std::string name;
    std::uint32_t flags, method, crc, packed, size, offset;
  };

  [[noreturn]] void Fail(std::string_view what) const { throw Error("zip '{}': {}", name_, what); }
  [[noreturn]] void FailEntry(const std::string& entry, std::string_view what) const {
    throw Error("zip '{}': entry '{}': {}", name_, entry, what);
  }

  std::uint32_t Get16(std::size_t at) const {
    const auto byte = [&](std::size_t i) -> std::uint32_t {
      return static_cast<unsigned char>(file_.at(i));
    };
    return byte(at) | byte(at + 1) << 8;
  }
  std::uint32_t Get32(std::size_t at) const { return Get16(at) | Get16(at + 2) << 16; }

  // The end record lies at the end, before a comment whose length it tells.
  std::size_t FindEnd() const {
    if (file_.size() < kEndSize)
      Fail(fmt::format("truncated: expected at least {} bytes, found {}", kEndSize, file_.size()));
    const std::size_t last = file_.size() - kEndSize;
    for (std::size_t comment = 0; comment <= std::min<std::size_t>(last, kMax16); ++comment)
      if (Get32(last - comment) == kEndSignature && Get16(last - comment + 20) == comment)
        return last - comment;
    Fail("expected an end-of-directory record, found none: truncated or not a zip file");
  }

  Central ReadCentral(std::size_t& at, std::size_t end) const {
    if (end - at < kCentralSize || Get32(at) != kCentralSignature)
      Fail(fmt::format("expected a directory record at byte {}, found none", at));
    const std::size_t name_size = Get16(at + 28);
    const std::size_t size = kCentralSize + name_size + Get16(at + 30) + Get16(at + 32);
    if (end - at < size)
      Fail(fmt::format(
          "expected a directory record of {} bytes at byte {}, found {}", size, at, end - at));
    Central c = {std::string(file_.substr(at + kCentralSize, name_size)),
                 Get16(at + 8),
                 Get16(at + 10),
                 Get32(at + 16),
                 Get32(at + 20),
                 Get32(at + 24),
                 Get32(at + 42)};
    if (Get16(at + 34) != 0) FailEntry(c.name, "expected disk 0, found another");
    at += size;
    return c;
  }

  void Check(const Central& c) {
    if (c.flags & kEncrypted) FailEntry(c.name, "expected plain content, found encryption");
    if (c.method != kStored && c.method != kDeflated)
      FailEntry(c.name,
                fmt::format("expected method 0 or 8 (stored, deflated), found {}", c.method));
    if (c.packed == kMax32 || c.size == kMax32 || c.offset == kMax32)
      FailEntry(c.name, "expected less than 4 GiB, found zip64");
    if (c.method == kStored && c.packed != c.size)
      FailEntry(c.name, fmt::format("expected {} stored bytes, found {}", c.size, c.packed));
    // Deflate cannot do better, so that a small file never asks for much memory.
    if (c.size / 1032 > c.packed)
      FailEntry(c.name, fmt::format("expected {} bytes, found {} deflated", c.size, c.packed));
    if (!names_.insert(c.name).second) FailEntry(c.name, "expected each name once, found it twice");
  }

  // The local header repeats the central one; its sizes may be left to the latter.
  std::string_view Packed(const Central& c) {
    if (directory_ < kLocalSize || c.offset > directory_ - kLocalSize ||
        Get32(c.offset) != kLocalSignature)
      FailEntry(c.name, fmt::format("expected a local header at byte {}, found none", c.offset));
    const std::size_t name_size = Get16(c.offset + 26);
    const std::size_t begin = c.offset + kLocalSize + name_size + Get16(c.offset + 28);
    if (begin > directory_ || directory_ - begin < c.packed)
      FailEntry(c.name,
                fmt::format("truncated: expected {} bytes at byte {}, found {}",
                            c.packed,
                            begin,
                            directory_ - std::min(begin, directory_)));
    if (file_.substr(c.offset + kLocalSize, name_size) != c.name || Get16(c.offset + 8) != c.method)
      FailEntry(c.name, "expected the name and method in its local header too, found others");
    const std::uint32_t packed = Get32(c.offset + 18), size = Get32(c.offset + 22);
    const bool left_out = (Get16(c.offset + 6) & kSizesFollow) != 0 || packed == kMax32;
    if (!left_out && (packed != c.packed || size != c.size))
      FailEntry(c.name, "expected the sizes in its local header too, found others");
    // Overlapping entries would let a small file unpack to a huge total.
    packed_total_ += begin - c.offset + c.packed;
    if (packed_total_ > directory_) FailEntry(c.name, "expected entries apart, found an overlap");
    return file_.substr(begin, c.packed);
  }

  std::string Inflate(const Central& c, std::string_view packed) const {
    std::string content(c.size, '\0');
    z_stream stream = {};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) FailEntry(c.name, "zlib cannot start");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    stream.avail_out = static_cast<uInt>(content.size());
    const int code = inflate(&stream, Z_FINISH);
    const bool whole = code == Z_STREAM_END && stream.avail_in == 0 && stream.avail_out == 0;
    inflateEnd(&stream);
    if (!whole)
      FailEntry(c.name,
                fmt::format("expected a deflated stream of {} bytes that inflates to {}, found "
                            "another",
                            c.packed,
                            c.size));
    return content;
  }

  ZipEntry NextEntry(std::size_t& at, std::size_t end) {
    Central c = ReadCentral(at, end);
    Check(c);
    const std::string_view packed = Packed(c);
    std::string content = c.method == kStored ? std::string(packed) : Inflate(c, packed);
    const std::uint32_t crc = Checksum(content);
    if (crc != c.crc)
      FailEntry(c.name, fmt::format("expected checksum {:08x}, found {:08x}", c.crc, crc));
    return {std::move(c.name), std::move(content)};
  }

  std::string_view file_;
  std::string name_;
  std::size_t directory_ = 0, packed_total_ = 0;
  std::set<std::string> names_;
};

}  // namespace

ZipWriter::ZipWriter(std::filesystem::path path) : path_(std::move(path)), file_(path_) {}

void ZipWriter::Add(const std::string& name, std::string_view head, std::string_view body) {
  const std::uint64_t size = head.size() + body.size();
  const auto same = [&](const Entry& e) { return e.name == name; };
  if (name.empty() || name.size() > kMax16)
    throw Error(
        "zip '{}': expected a name of 1 to 65535 bytes, found {}", path_.string(), name.size());
  if (std::any_of(entries_.begin(), entries_.end(), same))
    throw Error(
        "zip '{}': entry '{}': expected each name once, found it twice", path_.string(), name);
  if (entries_.size() + 1 >= kMax16 || offset_ + kLocalSize + name.size() + size >= kMax32)
    throw Error(
        "zip '{}': entry '{}': expected less than 4 GiB and 65535 entries, found {} bytes "
        "in {} entries",
        path_.string(),
        name,
        offset_ + size,
        entries_.size() + 1);
  Entry entry;
  entry.name = name;
  entry.crc = Checksum(body, Checksum(head));
  entry.size = static_cast<std::uint32_t>(size);
  entry.offset = static_cast<std::uint32_t>(offset_);
  std::string header;
  Put32(header, kLocalSignature);
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
    Put32(directory, kCentralSignature);
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
  if (offset_ + size >= kMax32)
    throw Error(
        "zip '{}': expected less than 4 GiB, found {} bytes", path_.string(), offset_ + size);
  Put32(directory, kEndSignature);
  Put32(directory, 0);  // this disk, the directory's disk
  Put16(directory, static_cast<std::uint32_t>(entries_.size()));
  Put16(directory, static_cast<std::uint32_t>(entries_.size()));
  Put32(directory, static_cast<std::uint32_t>(size));
  Put32(directory, static_cast<std::uint32_t>(offset_));
  Put16(directory, 0);  // comment
  file_.Write(directory.data(), directory.size());
  file_.Commit();
}

std::vector<ZipEntry> ReadZip(const std::filesystem::path& path) {
  const std::string content = ReadFile(path);
  return ZipReader(content, path.string()).Entries();
}

}  // namespace denoscope
