#include "denoscope/weights/tza.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/files/little_endian.h"

namespace denoscope {
namespace {

constexpr std::string_view kMagic = "\xd7\x41";
constexpr std::size_t kVersionAt = 2, kTableAt = 4, kHeaderSize = 12;
constexpr std::uint64_t kVersion = 2;
constexpr std::uint64_t kMaxTableSize = 16'000'000;  // some 300,000 tensors

// A part of the file, of a tensor or, of another name, of what is around them.
struct Part {
  std::uint64_t begin = 0, end = 0;
  std::string name;
};

[[noreturn]] void FailFile(const std::string& path, std::string_view what) {
  throw Error("tza '{}': {}", path, what);
}
[[noreturn]] void FailTensor(const std::string& path,
                             const std::string& tensor,
                             std::string_view what) {
  throw Error("tza '{}': tensor '{}': {}", path, tensor, what);
}

// What is not read yet of the table.
class Table {
 public:
  Table(const ByteSource& source, std::uint64_t begin) : begin_(begin), path_(source.Name()) {
    if (begin < kHeaderSize || begin > source.Size())
      FailFile(path_,
               fmt::format("expected a table between byte {} and the end at {}, found it at {}",
                           kHeaderSize,
                           source.Size(),
                           begin));
    bytes_ = source.Read(begin,
                         static_cast<std::size_t>(std::min(source.Size() - begin, kMaxTableSize)));
  }

  std::uint64_t Number(std::size_t size) { return LittleEndian(Take(size)); }
  std::string Text(std::size_t size) { return std::string(Take(size)); }
  std::uint64_t Position() const { return begin_ + at_; }

 private:
  std::string_view Take(std::size_t size) {
    if (size > bytes_.size() - at_)
      FailFile(path_,
               fmt::format("truncated: expected {} bytes of the table at byte {}, found {}",
                           size,
                           Position(),
                           bytes_.size() - at_));
    at_ += size;
    return std::string_view(bytes_).substr(at_ - size, size);
  }

  std::uint64_t begin_;
  std::string path_, bytes_;
  std::size_t at_ = 0;
};

class TzaFile final : public WeightsFile {
 public:
  explicit TzaFile(std::shared_ptr<const ByteSource> source)
      : WeightsFile(source->Name(), "tza"), source_(std::move(source)) {
    Table table(*source_, TableBegin());
    const std::uint64_t begin = table.Position(), count = table.Number(4);
    std::vector<Part> parts = {{0, kHeaderSize, "the header"}};
    for (std::uint64_t i = 0; i < count; ++i) parts.push_back(ReadEntry(table));
    parts.push_back({begin, table.Position(), "the table"});
    CheckApart(std::move(parts));
  }

  Array Read(const std::string& tensor) const override {
    const auto found = tensors_.find(tensor);
    if (found == tensors_.end())
      FailTensor(name_,
                 tensor,
                 fmt::format("expected one of the file's {} tensors, found none of this name",
                             tensors_.size()));
    Array array{found->second.type, found->second.shape, {}};
    array.bytes.resize(ByteCount(array.type, array.shape));
    source_->Read(begins_.at(tensor), array.bytes.data(), array.bytes.size());
    return array;
  }

 private:
  std::uint64_t TableBegin() const {
    if (source_->Size() < kHeaderSize)
      FailFile(
          name_,
          fmt::format(
              "truncated: expected a header of {} bytes, found {}", kHeaderSize, source_->Size()));
    const std::string header = source_->Read(0, kHeaderSize);
    if (!BeginsLikeTza(header)) FailFile(name_, "expected the first bytes d7 41, found others");
    const std::uint64_t version = LittleEndian(header.substr(kVersionAt, 1));
    if (version != kVersion)
      FailFile(name_, fmt::format("expected version {}, found {}", kVersion, version));
    return LittleEndian(header.substr(kTableAt));
  }

  // The next tensor of the table: where its data are.
  Part ReadEntry(Table& table) {
    const std::string tensor = table.Text(table.Number(2));
    TensorInfo info;
    const std::size_t rank = table.Number(1);
    for (std::size_t i = 0; i < rank; ++i)
      info.shape.push_back(static_cast<std::int64_t>(table.Number(4)));
    const std::string layout = table.Text(rank);
    if (layout != "x" && layout != "oihw")
      FailTensor(name_, tensor, fmt::format("expected layout x or oihw, found '{}'", layout));
    info.type = TypeOf(tensor, table.Text(1));
    const std::uint64_t begin = table.Number(8);
    const std::uint64_t size = SizeOf(tensor, info);
    if (begin > source_->Size() || size > source_->Size() - begin)
      FailTensor(name_,
                 tensor,
                 fmt::format("truncated: expected {} bytes at byte {}, found a file of {}",
                             size,
                             begin,
                             source_->Size()));
    if (!tensors_.emplace(tensor, std::move(info)).second)
      FailTensor(name_, tensor, "expected each name once, found it twice");
    begins_[tensor] = begin;
    return {begin, begin + size, fmt::format("tensor '{}'", tensor)};
  }

  ElementType TypeOf(const std::string& tensor, const std::string& letter) const {
    if (letter == "f") return ElementType::kFloat32;
    if (letter == "h") return ElementType::kFloat16;
    FailTensor(name_,
               tensor,
               fmt::format("expected element type f (float32) or h (float16), found '{}'", letter));
  }

  std::uint64_t SizeOf(const std::string& tensor, const TensorInfo& info) const {
    try {
      return ByteCount(info.type, info.shape);
    } catch (const Error& e) {
      FailTensor(name_, tensor, e.what());
    }
  }

  // Data that overlap would let a small file hold large weights.
  void CheckApart(std::vector<Part> parts) const {
    std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    for (std::size_t i = 1; i < parts.size(); ++i)
      if (parts[i].begin < parts[i - 1].end)
        FailFile(name_,
                 fmt::format("expected {} after {}, which ends at byte {}, found it at byte {}: an "
                             "overlap",
                             parts[i].name,
                             parts[i - 1].name,
                             parts[i - 1].end,
                             parts[i].begin));
  }

  std::shared_ptr<const ByteSource> source_;
  std::map<std::string, std::uint64_t> begins_;  // where a tensor's bytes begin in the file
};

}  // namespace

bool BeginsLikeTza(std::string_view head) { return head.substr(0, kMagic.size()) == kMagic; }

std::unique_ptr<WeightsFile> OpenTza(std::shared_ptr<const ByteSource> source) {
  return std::make_unique<TzaFile>(std::move(source));
}

}  // namespace denoscope
