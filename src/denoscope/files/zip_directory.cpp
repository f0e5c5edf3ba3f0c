#include <algorithm>
#include <set>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/files/little_endian.h"
#include "denoscope/files/zip_records.h"

namespace denoscope {
namespace {

constexpr std::uint32_t kEnd64Signature = 0x06064b50, kLocatorSignature = 0x07064b50;
// The zip64 end record tells its size without its lead: signature and size.
constexpr std::size_t kEnd64Size = 56, kEnd64Lead = 12, kLocatorSize = 20;
constexpr std::uint64_t kZip64Extra = 1;
constexpr std::size_t kExtraLead = 4;         // id and size of an extra field
constexpr std::uint64_t kDeflateBest = 1032;  // bytes from one deflated byte

[[noreturn]] void Fail(const ByteSource& source, std::string_view what) {
  throw Error("zip '{}': {}", source.Name(), what);
}

// A part of the file. Its users have checked that a field that they ask for lies in it.
struct Block {
  std::string bytes;
  std::uint64_t begin = 0;  // in the file

  std::uint64_t Get(std::size_t at, std::size_t size) const {
    return LittleEndian(std::string_view(bytes).substr(at, size));
  }
};

Block ReadBlock(const ByteSource& source, std::uint64_t begin, std::uint64_t size) {
  return {source.Read(begin, static_cast<std::size_t>(size)), begin};
}

// Entries and directory lie before `limit`, where the end record begins.
struct Directory {
  std::uint64_t offset = 0, size = 0, count = 0, limit = 0;
};

// Finds the directory by the end record or, where there is one, its zip64 twin.
class EndReader {
 public:
  explicit EndReader(const ByteSource& source) : source_(source) {}

  Directory Read() {
    FindEnd();
    Directory d = {Get(16, 4), Get(12, 4), Get(10, 2), tail_.begin + end_};
    if (end_ >= kLocatorSize && tail_.Get(end_ - kLocatorSize, 4) == kLocatorSignature) {
      d = Wide(d);
    } else if (d.size == kZipMax32 || d.offset == kZipMax32) {
      Fail(source_, "expected a zip64 locator before the end record, found none");
    } else if (Get(4, 4) != 0 || Get(8, 2) != d.count) {
      FailDisks();
    }
    if (d.offset > d.limit || d.size > d.limit - d.offset)
      Fail(source_,
           fmt::format("truncated: expected a directory of {} bytes at {}, found {} bytes before "
                       "its end record",
                       d.size,
                       d.offset,
                       d.limit));
    return d;
  }

 private:
  [[noreturn]] void FailDisks() const {
    Fail(source_, "expected one disk, found a part of a file on several");
  }

  std::uint64_t Get(std::size_t at, std::size_t size) const { return tail_.Get(end_ + at, size); }

  // The end record lies at the end, before a comment whose length it tells.
  void FindEnd() {
    const std::uint64_t size = source_.Size();
    if (size < kZipEndSize)
      Fail(source_,
           fmt::format("truncated: expected at least {} bytes, found {}", kZipEndSize, size));
    const auto tail = std::min<std::uint64_t>(size, kLocatorSize + kZipEndSize + kZipMax16);
    tail_ = ReadBlock(source_, size - tail, tail);
    const std::size_t last = tail_.bytes.size() - kZipEndSize;
    for (std::size_t comment = 0; comment <= std::min<std::size_t>(last, kZipMax16); ++comment) {
      end_ = last - comment;
      if (Get(0, 4) == kZipEndSignature && Get(20, 2) == comment) return;
    }
    Fail(source_, "expected an end-of-directory record, found none: truncated or not a zip file");
  }

  // What the zip64 records say; `narrow`, from the end record, either agrees or refers to them.
  Directory Wide(const Directory& narrow) const {
    const Directory wide = ReadZip64();
    const bool agree = (narrow.offset == kZipMax32 || narrow.offset == wide.offset) &&
                       (narrow.size == kZipMax32 || narrow.size == wide.size) &&
                       (narrow.count == kZipMax16 || narrow.count == wide.count);
    if (!agree) Fail(source_, "expected the end record to agree with zip64's, found other values");
    return wide;
  }

  Directory ReadZip64() const {
    const std::size_t at = end_ - kLocatorSize;
    const std::uint64_t locator = tail_.begin + at, begin = tail_.Get(at + 8, 8);
    if (locator < kEnd64Size || begin > locator - kEnd64Size)
      Fail(source_,
           fmt::format("expected a zip64 end record before byte {}, found byte {} as its place",
                       locator,
                       begin));
    const Block record = ReadBlock(source_, begin, kEnd64Size);
    const std::uint64_t size = record.Get(4, 8);
    if (record.Get(0, 4) != kEnd64Signature || size < kEnd64Size - kEnd64Lead ||
        size > locator - begin - kEnd64Lead)
      Fail(source_, fmt::format("expected a zip64 end record at byte {}, found none", begin));
    const bool one_disk = tail_.Get(at + 4, 4) == 0 && tail_.Get(at + 16, 4) <= 1 &&
                          record.Get(16, 8) == 0 && record.Get(24, 8) == record.Get(32, 8);
    if (!one_disk) FailDisks();
    return {record.Get(48, 8), record.Get(40, 8), record.Get(32, 8), begin};
  }

  const ByteSource& source_;
  Block tail_;
  std::size_t end_ = 0;  // of the end record in tail_
};

// The content of the first extra field of this id; empty when there is none.
std::string_view ExtraField(std::string_view fields, std::uint64_t id) {
  while (fields.size() >= kExtraLead) {
    const std::uint64_t found = LittleEndian(fields.substr(0, 2));
    const std::size_t size =
        std::min<std::uint64_t>(LittleEndian(fields.substr(2, 2)), fields.size() - kExtraLead);
    if (found == id) return fields.substr(kExtraLead, size);
    fields.remove_prefix(kExtraLead + size);
  }
  return {};
}

class DirectoryReader {
 public:
  explicit DirectoryReader(const ByteSource& source)
      : source_(source), directory_(EndReader(source).Read()) {}

  std::vector<ZipEntry> Entries() {
    block_ = ReadBlock(source_, directory_.offset, directory_.size);
    std::vector<ZipEntry> entries;
    std::set<std::string> names;
    for (std::uint64_t i = 0; i < directory_.count; ++i) {
      Central c = NextCentral();
      CheckCentral(c);
      if (!names.insert(c.entry.name).second)
        FailEntry(c, "expected each name once, found it twice");
      c.entry.offset = CheckLocal(c);
      ranges_.push_back({c.header, c.entry.offset + c.entry.packed, entries.size()});
      entries.push_back(std::move(c.entry));
    }
    if (at_ != block_.bytes.size())
      Fail(source_,
           fmt::format("expected a directory of {} bytes, found {}", block_.bytes.size(), at_));
    CheckApart(entries);
    return entries;
  }

 private:
  struct Central {
    ZipEntry entry;
    std::uint64_t flags = 0, method = 0, disk = 0;
    std::uint64_t header = 0;  // where the local header begins
  };
  struct Range {
    std::uint64_t begin, end;
    std::size_t entry;
  };

  [[noreturn]] void FailEntry(const Central& c, std::string_view what) const {
    FailZipEntry(source_.Name(), c.entry.name, what);
  }

  std::uint64_t Get(std::size_t at, std::size_t size) const { return block_.Get(at_ + at, size); }

  Central NextCentral() {
    const std::size_t left = block_.bytes.size() - at_;
    const std::uint64_t place = block_.begin + at_;
    if (left < kZipCentralSize || Get(0, 4) != kZipCentralSignature)
      Fail(source_, fmt::format("expected a directory record at byte {}, found none", place));
    const std::size_t name_size = Get(28, 2), extra_size = Get(30, 2);
    const std::size_t size = kZipCentralSize + name_size + extra_size + Get(32, 2);
    if (left < size)
      Fail(source_,
           fmt::format(
               "expected a directory record of {} bytes at byte {}, found {}", size, place, left));
    Central c;
    c.flags = Get(8, 2);
    c.method = Get(10, 2);
    c.disk = Get(34, 2);
    c.header = Get(42, 4);
    c.entry.name = block_.bytes.substr(at_ + kZipCentralSize, name_size);
    c.entry.stored = c.method == kZipStored;
    c.entry.crc = static_cast<std::uint32_t>(Get(16, 4));
    c.entry.packed = Get(20, 4);
    c.entry.size = Get(24, 4);
    const std::string_view extra =
        std::string_view(block_.bytes).substr(at_ + kZipCentralSize + name_size, extra_size);
    FillFromZip64(c, ExtraField(extra, kZip64Extra));
    at_ += size;
    return c;
  }

  // The field holds, in this order, those values that the record itself leaves out.
  void FillFromZip64(Central& c, std::string_view field) const {
    for (std::uint64_t* value : {&c.entry.size, &c.entry.packed, &c.header}) {
      if (*value != kZipMax32) continue;
      if (field.size() < 8)
        FailEntry(c, "expected its sizes and place in a zip64 extra field, found none");
      *value = LittleEndian(field.substr(0, 8));
      field.remove_prefix(8);
    }
    if (c.disk == kZipMax16 && field.size() >= 4) c.disk = LittleEndian(field.substr(0, 4));
  }

  void CheckCentral(const Central& c) const {
    const std::uint64_t size = c.entry.size, packed = c.entry.packed;
    if (const std::string_view trouble = ZipNameTrouble(c.entry.name); !trouble.empty())
      FailEntry(c, fmt::format("expected a plain relative path as name, found {}", trouble));
    if (c.disk != 0) FailEntry(c, "expected disk 0, found another");
    if (c.flags & kZipEncrypted) FailEntry(c, "expected plain content, found encryption");
    if (c.method != kZipStored && c.method != kZipDeflated)
      FailEntry(c, fmt::format("expected method 0 or 8 (stored, deflated), found {}", c.method));
    if (c.entry.stored && packed != size)
      FailEntry(c, fmt::format("expected {} stored bytes, found {}", size, packed));
    // Deflate cannot do better, so that a small file never asks for much memory.
    if (size / kDeflateBest > packed)
      FailEntry(c, fmt::format("expected {} bytes, found {} deflated", size, packed));
  }

  // Where the content begins. The local header repeats the central one; its sizes may be left to
  // the latter.
  std::uint64_t CheckLocal(const Central& c) const {
    const std::string& name = c.entry.name;
    const std::uint64_t limit = directory_.offset, room = limit - std::min(c.header, limit);
    Block local;
    if (room >= kZipLocalSize)
      local = ReadBlock(source_, c.header, std::min(kZipLocalSize + name.size(), room));
    if (room < kZipLocalSize || local.Get(0, 4) != kZipLocalSignature)
      FailEntry(c, fmt::format("expected a local header at byte {}, found none", c.header));
    const std::uint64_t name_size = local.Get(26, 2);
    const std::uint64_t begin = c.header + kZipLocalSize + name_size + local.Get(28, 2);
    if (begin > limit || limit - begin < c.entry.packed)
      FailEntry(c,
                fmt::format("truncated: expected {} bytes at byte {}, found {}",
                            c.entry.packed,
                            begin,
                            limit - std::min(begin, limit)));
    if (name_size != name.size() || local.bytes.substr(kZipLocalSize) != name ||
        local.Get(8, 2) != c.method)
      FailEntry(c, "expected the name and method in its local header too, found others");
    const std::uint64_t packed = local.Get(18, 4), size = local.Get(22, 4);
    const bool left_out = (local.Get(6, 2) & kZipSizesFollow) != 0 || packed == kZipMax32;
    if (!left_out && (packed != c.entry.packed || size != c.entry.size))
      FailEntry(c, "expected the sizes in its local header too, found others");
    return begin;
  }

  // Overlapping entries would let a small file unpack to a huge total.
  void CheckApart(const std::vector<ZipEntry>& entries) {
    std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) {
      return a.begin < b.begin;
    });
    for (std::size_t i = 1; i < ranges_.size(); ++i)
      if (ranges_[i].begin < ranges_[i - 1].end)
        FailZipEntry(source_.Name(),
                     entries[ranges_[i].entry].name,
                     fmt::format("expected entries apart, found an overlap with '{}'",
                                 entries[ranges_[i - 1].entry].name));
  }

  const ByteSource& source_;
  Directory directory_;
  Block block_;         // the directory
  std::size_t at_ = 0;  // of the next record in block_
  std::vector<Range> ranges_;
};

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string_view ZipNameTrouble(std::string_view name) {
  if (name.empty()) return "an empty name";
  if (std::any_of(name.begin(), name.end(), IsControl)) return "a control character";
  if (name.find('\\') != std::string_view::npos) return "a backslash";
  if (name.front() == '/') return "an absolute path";
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    if (name.substr(begin, end - begin) == "..") return "'..'";
    begin = end + 1;
  }
  return {};
}

void FailZipEntry(const std::string& zip, std::string_view entry, std::string_view what) {
  std::string printable;  // a name must not steer the terminal that shows it
  for (const char c : entry)
    printable += IsControl(c) ? fmt::format("\\x{:02x}", c) : std::string(1, c);
  throw Error("zip '{}': entry '{}': {}", zip, printable, what);
}

std::vector<ZipEntry> ReadZipDirectory(const ByteSource& source) {
  return DirectoryReader(source).Entries();
}

}  // namespace denoscope
