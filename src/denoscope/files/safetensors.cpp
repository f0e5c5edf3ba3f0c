#include "denoscope/files/safetensors.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/json.h"

namespace denoscope {
namespace {

constexpr std::size_t kLengthSize = 8, kAlignment = 8;
constexpr std::uint64_t kMaxHeaderSize = 100'000'000;  // the reference implementation's limit
constexpr std::string_view kMetadata = "__metadata__";

struct Dtype {
  std::string_view text;
  ElementType type;
};
constexpr std::array<Dtype, 6> kDtypes = {{{"F32", ElementType::kFloat32},
                                           {"F64", ElementType::kFloat64},
                                           {"I32", ElementType::kInt32},
                                           {"I64", ElementType::kInt64},
                                           {"U8", ElementType::kUint8},
                                           {"BOOL", ElementType::kBool}}};

std::string_view DtypeText(ElementType type) {
  for (const Dtype& dtype : kDtypes)
    if (dtype.type == type) return dtype.text;
  throw Error("element type: found the unknown value {}", static_cast<int>(type));
}

std::string Excerpt(const Json& json) {
  constexpr std::size_t kLongest = 80;
  const std::string text = json.dump(-1, ' ', true);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

struct Range {
  std::string name;
  ElementType type = ElementType::kFloat32;
  Shape shape;
  std::uint64_t begin = 0, end = 0;
};

class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string_view data, std::string path)
      : text_(text), data_(data), path_(std::move(path)) {}

  Safetensors Parse() {
    Safetensors content;
    std::vector<Range> ranges;
    const Json header = ParseJson();
    for (const auto& [name, value] : header.items()) {
      if (name == kMetadata) {
        content.metadata = Metadata(value);
      } else {
        ranges.push_back(Tensor(name, value));
      }
    }
    CheckCover(ranges);
    for (Range& r : ranges) {
      const std::string_view bytes = data_.substr(r.begin, r.end - r.begin);
      content.tensors[r.name] = {r.type, std::move(r.shape), {bytes.begin(), bytes.end()}};
    }
    return content;
  }

 private:
  [[noreturn]] void Fail(std::string_view what) const {
    throw Error("safetensors '{}': {}", path_, what);
  }
  [[noreturn]] void FailTensor(const std::string& name, std::string_view what) const {
    throw Error("safetensors '{}': tensor '{}': {}", path_, name, what);
  }

  Json ParseJson() const {
    std::set<std::string> names;
    std::string twice;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth == 1 && event == Json::parse_event_t::key &&
          !names.insert(parsed.get<std::string>()).second)
        twice = parsed.get<std::string>();
      return true;
    };
    Json header;
    try {
      header = Json::parse(text_, watch);
    } catch (const nlohmann::json::exception& e) {
      Fail(fmt::format("expected a header in json, found {}", e.what()));
    }
    if (!header.is_object())
      Fail(fmt::format("expected a json object as header, found {}", header.type_name()));
    if (!twice.empty()) FailTensor(twice, "expected each name once, found it twice");
    return header;
  }

  std::map<std::string, std::string> Metadata(const Json& json) const {
    if (!json.is_object())
      Fail(fmt::format("expected '__metadata__' to be an object, found {}", json.type_name()));
    std::map<std::string, std::string> metadata;
    for (const auto& [key, value] : json.items()) {
      if (!value.is_string())
        Fail(
            fmt::format("expected metadata '{}' to be a string, found {}", key, value.type_name()));
      metadata[key] = value.get<std::string>();
    }
    return metadata;
  }

  const Json& Field(const std::string& name, const Json& json, const char* key) const {
    const auto found = json.find(key);
    if (found == json.end())
      FailTensor(name, fmt::format("expected a field '{}', found none", key));
    return *found;
  }

  ElementType Type(const std::string& name, const Json& json) const {
    for (const Dtype& dtype : kDtypes)
      if (json == dtype.text) return dtype.type;
    FailTensor(name,
               fmt::format("expected element type F32, F64, I32, I64, U8 or BOOL, found {}",
                           Excerpt(json)));
  }

  std::vector<std::uint64_t> Integers(const std::string& name,
                                      const char* key,
                                      const Json& json) const {
    std::vector<std::uint64_t> values;
    const bool good =
        json.is_array() && std::all_of(json.begin(), json.end(), [](const Json& v) {
          return v.is_number_unsigned() &&
                 v.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
        });
    if (!good)
      FailTensor(
          name,
          fmt::format(
              "expected '{}' to be integers from 0 to 2^63-1, found {}", key, Excerpt(json)));
    for (const Json& value : json) values.push_back(value.get<std::uint64_t>());
    return values;
  }

  Range Tensor(const std::string& name, const Json& json) const {
    if (!json.is_object())
      FailTensor(name, fmt::format("expected an object, found {}", json.type_name()));
    Range r;
    r.name = name;
    r.type = Type(name, Field(name, json, "dtype"));
    const auto extents = Integers(name, "shape", Field(name, json, "shape"));
    r.shape.assign(extents.begin(), extents.end());
    const auto offsets = Integers(name, "data_offsets", Field(name, json, "data_offsets"));
    if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_.size())
      FailTensor(name,
                 fmt::format("expected two ascending data_offsets up to {}, found [{}]",
                             data_.size(),
                             fmt::join(offsets, ",")));
    r.begin = offsets[0];
    r.end = offsets[1];
    CheckSize(r);
    return r;
  }

  void CheckSize(const Range& r) const {
    std::size_t size = 0;
    try {
      size = ByteCount(r.type, r.shape);
    } catch (const Error& e) {
      FailTensor(r.name, e.what());
    }
    if (size != r.end - r.begin)
      FailTensor(r.name,
                 fmt::format("expected {} bytes for shape {} of {}, found {}",
                             size,
                             ShapeText(r.shape),
                             ElementName(r.type),
                             r.end - r.begin));
  }

  void CheckCover(std::vector<Range>& ranges) const {
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t covered = 0;
    for (const Range& r : ranges) {
      if (r.begin != covered)
        FailTensor(r.name,
                   fmt::format("expected its data at byte {}, found {}: {}",
                               covered,
                               r.begin,
                               r.begin < covered ? "an overlap" : "a gap"));
      covered = r.end;
    }
    if (covered != data_.size())
      Fail(fmt::format("expected {} bytes of data, found {}", covered, data_.size()));
  }

  std::string_view text_, data_;
  std::string path_;
};

std::string HeaderText(const Safetensors& content) {
  Json header = Json::object();
  if (!content.metadata.empty()) header[std::string(kMetadata)] = content.metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, array] : content.tensors) {
    const std::size_t size = array.bytes.size();
    if (name == kMetadata) throw Error("tensor '{}': expected another name, this is taken", name);
    if (size != ByteCount(array.type, array.shape))
      throw Error("tensor '{}': expected {} bytes for shape {} of {}, found {}",
                  name,
                  ByteCount(array.type, array.shape),
                  ShapeText(array.shape),
                  ElementName(array.type),
                  size);
    header[name] = {{"dtype", DtypeText(array.type)},
                    {"shape", array.shape},
                    {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  return text;
}

}  // namespace

Safetensors ReadSafetensors(const std::filesystem::path& path) {
  const std::string file = ReadFile(path);
  if (file.size() < kLengthSize)
    throw Error("safetensors '{}': truncated: expected at least 8 bytes, found {}",
                path.string(),
                file.size());
  std::uint64_t size = 0;
  for (std::size_t i = kLengthSize; i > 0; --i)
    size = size << 8 | static_cast<unsigned char>(file[i - 1]);
  const std::uint64_t limit = std::min<std::uint64_t>(file.size() - kLengthSize, kMaxHeaderSize);
  if (size > limit)
    throw Error(
        "safetensors '{}': expected a header of at most {} bytes, found {}: truncated or "
        "not safetensors",
        path.string(),
        limit,
        size);
  const std::string_view rest = std::string_view(file).substr(kLengthSize);
  return HeaderParser(rest.substr(0, size), rest.substr(size), path.string()).Parse();
}

void WriteSafetensors(const std::filesystem::path& path, const Safetensors& content) {
  std::string header;
  try {
    header = HeaderText(content);
  } catch (const std::exception& e) {
    throw Error("safetensors '{}': cannot write: {}", path.string(), e.what());
  }
  std::string length;
  for (std::size_t i = 0; i < kLengthSize; ++i)
    length += static_cast<char>(header.size() >> (8 * i) & 0xff);
  AtomicFile file(path);
  file.Write(length.data(), length.size());
  file.Write(header.data(), header.size());
  for (const auto& [name, array] : content.tensors)
    file.Write(array.bytes.data(), array.bytes.size());
  file.Commit();
}

}  // namespace denoscope
