#include "denoscope/weights/safetensors_header.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/files/json.h"
#include "denoscope/files/little_endian.h"

namespace denoscope {
namespace {

// Not Json: its objects find a key by walking through all, which is long in a header of many.
using SortedJson = nlohmann::json;

constexpr std::size_t kLengthSize = 8, kAlignment = 8;
constexpr std::uint64_t kMaxHeaderSize = 100'000'000;  // the reference implementation's limit
constexpr std::size_t kMaxDepth = 4;                   // of objects and arrays; the format needs 3
constexpr std::string_view kMetadata = "__metadata__";

struct Dtype {
  std::string_view text;
  ElementType type;
};
constexpr std::array<Dtype, 15> kDtypes = {{{"F32", ElementType::kFloat32},
                                            {"F64", ElementType::kFloat64},
                                            {"F16", ElementType::kFloat16},
                                            {"BF16", ElementType::kBfloat16},
                                            {"F8_E4M3", ElementType::kFloat8E4m3},
                                            {"F8_E5M2", ElementType::kFloat8E5m2},
                                            {"I64", ElementType::kInt64},
                                            {"I32", ElementType::kInt32},
                                            {"I16", ElementType::kInt16},
                                            {"I8", ElementType::kInt8},
                                            {"U64", ElementType::kUint64},
                                            {"U32", ElementType::kUint32},
                                            {"U16", ElementType::kUint16},
                                            {"U8", ElementType::kUint8},
                                            {"BOOL", ElementType::kBool}}};

std::string_view DtypeText(ElementType type) {
  for (const Dtype& dtype : kDtypes)
    if (dtype.type == type) return dtype.text;
  throw Error("element type: found the unknown value {}", static_cast<int>(type));
}

std::string Excerpt(const SortedJson& json) {
  constexpr std::size_t kLongest = 80;
  const std::string text = json.dump(-1, ' ', true);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

[[noreturn]] void FailFile(const std::string& path, std::string_view what) {
  throw Error("safetensors '{}': {}", path, what);
}

// Walks through a header before it is parsed, and throws on what is not JSON, and on what the
// parser would take: deep nesting, a key twice in one object. (A callback of the parser could do so
// too, but the parser then walks through all tensors at the end of each.)
class HeaderWatch final : public SortedJson::json_sax_t {
 public:
  explicit HeaderWatch(std::string path) : path_(std::move(path)) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return Enter(); }
  bool start_array(std::size_t) override { return Enter(); }
  bool end_object() override { return Leave(); }
  bool end_array() override { return Leave(); }

  bool key(string_t& key) override {
    if (keys_.back().insert(key).second) return true;
    if (keys_.size() == 1) FailInSafetensors(path_, key, "expected each name once, found it twice");
    FailFile(path_, fmt::format("expected each key of an object once, found '{}' twice", key));
  }

  bool parse_error(std::size_t position,
                   const std::string&,
                   const nlohmann::json::exception& e) override {
    FailFile(path_,
             fmt::format("expected a header in json, found at byte {}: {}",
                         kLengthSize + position - std::min<std::size_t>(position, 1),
                         e.what()));
  }

 private:
  bool Enter() {
    if (keys_.size() == kMaxDepth)
      FailFile(path_,
               fmt::format("expected a header at most {} levels deep, found more", kMaxDepth));
    keys_.emplace_back();
    return true;
  }
  bool Leave() {
    keys_.pop_back();
    return true;
  }

  std::string path_;
  std::vector<std::set<std::string>> keys_;  // of each object that is open
};

class HeaderParser {
 public:
  // `begin` and `end` bound the data in the file.
  HeaderParser(std::string_view text, std::uint64_t begin, std::uint64_t end, std::string path)
      : text_(text), begin_(begin), end_(end), path_(std::move(path)) {}

  SafetensorsHeader Parse() const {
    SafetensorsHeader header;
    const SortedJson json = ParseJson();
    for (const auto& [name, value] : json.items()) {
      if (name == kMetadata) {
        header.metadata = Metadata(value);
      } else {
        header.tensors.push_back(Tensor(name, value));
      }
    }
    CheckCover(header.tensors);
    return header;
  }

 private:
  [[noreturn]] void Fail(std::string_view what) const { FailFile(path_, what); }
  [[noreturn]] void FailTensor(const std::string& name, std::string_view what) const {
    FailInSafetensors(path_, name, what);
  }

  SortedJson ParseJson() const {
    HeaderWatch watch(path_);
    SortedJson::sax_parse(text_, &watch);
    SortedJson header = SortedJson::parse(text_);
    if (!header.is_object())
      Fail(fmt::format("expected a json object as header, found {}", header.type_name()));
    return header;
  }

  std::map<std::string, std::string> Metadata(const SortedJson& json) const {
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

  const SortedJson& Field(const std::string& name, const SortedJson& json, const char* key) const {
    const auto found = json.find(key);
    if (found == json.end())
      FailTensor(name, fmt::format("expected a field '{}', found none", key));
    return *found;
  }

  ElementType Type(const std::string& name, const SortedJson& json) const {
    std::vector<std::string_view> texts;
    for (const Dtype& dtype : kDtypes) {
      if (json == dtype.text) return dtype.type;
      texts.push_back(dtype.text);
    }
    FailTensor(
        name,
        fmt::format("expected element type {}, found {}", fmt::join(texts, ", "), Excerpt(json)));
  }

  std::vector<std::uint64_t> Integers(const std::string& name,
                                      const char* key,
                                      const SortedJson& json) const {
    std::vector<std::uint64_t> values;
    const bool good =
        json.is_array() && std::all_of(json.begin(), json.end(), [](const SortedJson& v) {
          return v.is_number_unsigned() &&
                 v.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
        });
    if (!good)
      FailTensor(
          name,
          fmt::format(
              "expected '{}' to be integers from 0 to 2^63-1, found {}", key, Excerpt(json)));
    for (const SortedJson& value : json) values.push_back(value.get<std::uint64_t>());
    return values;
  }

  SafetensorsPlace Tensor(const std::string& name, const SortedJson& json) const {
    if (!json.is_object())
      FailTensor(name, fmt::format("expected an object, found {}", json.type_name()));
    SafetensorsPlace place;
    place.name = name;
    place.info.type = Type(name, Field(name, json, "dtype"));
    const auto extents = Integers(name, "shape", Field(name, json, "shape"));
    place.info.shape.assign(extents.begin(), extents.end());
    const auto& offsets_json = Field(name, json, "data_offsets");
    const auto offsets = Integers(name, "data_offsets", offsets_json);
    if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > end_ - begin_)
      FailTensor(name,
                 fmt::format("expected two ascending data_offsets up to {} after byte {}, found {}",
                             end_ - begin_,
                             begin_,
                             Excerpt(offsets_json)));
    place.begin = begin_ + offsets[0];
    place.end = begin_ + offsets[1];
    CheckSize(place);
    return place;
  }

  void CheckSize(const SafetensorsPlace& place) const {
    const auto& [type, shape] = place.info;
    std::size_t size = 0;
    try {
      size = ByteCount(type, shape);
    } catch (const Error& e) {
      FailTensor(place.name, e.what());
    }
    if (size != place.end - place.begin)
      FailTensor(place.name,
                 fmt::format("expected {} bytes for shape {} of {}, found {} at byte {}",
                             size,
                             ShapeText(shape),
                             ElementName(type),
                             place.end - place.begin,
                             place.begin));
  }

  void CheckCover(std::vector<SafetensorsPlace>& places) const {
    std::sort(
        places.begin(), places.end(), [](const SafetensorsPlace& a, const SafetensorsPlace& b) {
          return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
        });
    std::uint64_t covered = begin_;
    for (const SafetensorsPlace& place : places) {
      if (place.begin != covered)
        FailTensor(place.name,
                   fmt::format("expected its data at byte {}, found {}: {}",
                               covered,
                               place.begin,
                               place.begin < covered ? "an overlap" : "a gap"));
      covered = place.end;
    }
    if (covered != end_)
      Fail(fmt::format("expected {} bytes of data, found {}", covered - begin_, end_ - begin_));
  }

  std::string_view text_;
  std::uint64_t begin_, end_;
  std::string path_;
};

}  // namespace

SafetensorsHeader ReadSafetensorsHeader(const ByteSource& source) {
  const std::uint64_t file_size = source.Size();
  if (file_size < kLengthSize)
    FailFile(source.Name(),
             fmt::format("truncated: expected at least 8 bytes, found {}", file_size));
  const std::uint64_t size = LittleEndian(source.Read(0, kLengthSize));
  const std::uint64_t limit = std::min(file_size - kLengthSize, kMaxHeaderSize);
  if (size > limit)
    FailFile(source.Name(),
             fmt::format("expected a header of at most {} bytes, found {}: truncated or not "
                         "safetensors",
                         limit,
                         size));
  const std::string text = source.Read(kLengthSize, static_cast<std::size_t>(size));
  return HeaderParser(text, kLengthSize + size, file_size, source.Name()).Parse();
}

std::string SafetensorsHeaderBytes(const Safetensors& content) {
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
  std::string length;
  for (std::size_t i = 0; i < kLengthSize; ++i)
    length += static_cast<char>(text.size() >> (8 * i) & 0xff);
  return length + text;
}

void FailInSafetensors(const std::string& path, const std::string& tensor, std::string_view what) {
  throw Error("safetensors '{}': tensor '{}': {}", path, tensor, what);
}

}  // namespace denoscope
