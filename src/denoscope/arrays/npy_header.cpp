#include "denoscope/arrays/npy_header.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/files/little_endian.h"

namespace denoscope {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMaxDimensions = 64;  // numpy's

struct Dtype {
  std::string_view text;
  ElementType type;
};
constexpr std::array<Dtype, 12> kDtypes = {{{"<f4", ElementType::kFloat32},
                                            {"<f8", ElementType::kFloat64},
                                            {"<f2", ElementType::kFloat16},
                                            {"<i8", ElementType::kInt64},
                                            {"<i4", ElementType::kInt32},
                                            {"<i2", ElementType::kInt16},
                                            {"|i1", ElementType::kInt8},
                                            {"<u8", ElementType::kUint64},
                                            {"<u4", ElementType::kUint32},
                                            {"<u2", ElementType::kUint16},
                                            {"|u1", ElementType::kUint8},
                                            {"|b1", ElementType::kBool}}};

std::string_view DtypeText(ElementType type) {
  for (const Dtype& dtype : kDtypes)
    if (dtype.type == type) return dtype.text;
  throw Error("npy header: expected an element type that numpy has, found {}", ElementName(type));
}

struct Header {
  std::string descr;
  bool fortran_order = false;
  Shape shape;
};

// The header's dict literal, as far as NumPy writes it: strings, booleans, a tuple of integers.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  Header Parse() {
    std::optional<std::string> descr;
    std::optional<bool> fortran_order;
    std::optional<Shape> shape;
    Expect('{');
    while (!Accept('}')) {
      const std::string key = String();
      Expect(':');
      if (key == "descr" && !descr) {
        descr = String();
      } else if (key == "fortran_order" && !fortran_order) {
        fortran_order = Boolean();
      } else if (key == "shape" && !shape) {
        shape = Tuple();
      } else {
        Fail(fmt::format("each of descr, fortran_order, shape once, found '{}'", key));
      }
      if (!Accept(',')) {
        Expect('}');
        break;
      }
    }
    SkipSpace();
    if (at_ != text_.size()) Fail("nothing but spaces after the dict");
    if (!descr || !fortran_order || !shape) Fail("each of descr, fortran_order, shape once");
    return {std::move(*descr), *fortran_order, std::move(*shape)};
  }

 private:
  [[noreturn]] void Fail(std::string_view expected) const {
    throw Error(
        "npy '{}': header, character {} of {}: expected {}", name_, at_, text_.size(), expected);
  }

  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  bool Accept(char c) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void Expect(char c) {
    if (!Accept(c)) Fail(fmt::format("'{}'", c));
  }

  bool AcceptWord(std::string_view word) {
    SkipSpace();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  std::string String() {
    SkipSpace();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') Fail("a quoted string (structured types are not read)");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) Fail("a closing quote");
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }

  bool Boolean() {
    if (AcceptWord("True")) return true;
    if (!AcceptWord("False")) Fail("True or False");
    return false;
  }

  Shape Tuple() {
    Shape shape;
    Expect('(');
    while (!Accept(')')) {
      if (shape.size() == kMaxDimensions)
        Fail(fmt::format("at most {} dimensions", kMaxDimensions));
      shape.push_back(Integer());
      if (Accept(',')) continue;
      if (shape.size() == 1) Fail("',' after the only extent");
      Expect(')');
      break;
    }
    return shape;
  }

  std::int64_t Integer() {
    SkipSpace();
    std::int64_t value = 0;
    const char* begin = text_.data() + at_;
    const auto result = std::from_chars(begin, text_.data() + text_.size(), value);
    if (result.ec != std::errc() || value < 0) Fail("an extent from 0 to 2^63-1");
    at_ += static_cast<std::size_t>(result.ptr - begin);
    return value;
  }

  std::string_view text_, name_;
  std::size_t at_ = 0;
};

// Cuts `size` bytes off the front of `content`.
std::string_view Take(std::string_view& content,
                      std::uint64_t size,
                      std::string_view what,
                      std::string_view name) {
  if (size > content.size())
    throw Error(
        "npy '{}': truncated: expected {} bytes of {}, found {}", name, size, what, content.size());
  const std::string_view taken = content.substr(0, size);
  content.remove_prefix(size);
  return taken;
}

Header TakeHeader(std::string_view& content, std::string_view name) {
  if (Take(content, kMagic.size(), "magic", name) != kMagic)
    throw Error("npy '{}': expected the magic '\\x93NUMPY' at the start, found other bytes", name);
  const std::string_view version = Take(content, 2, "version", name);
  const int major = static_cast<unsigned char>(version[0]);
  const int minor = static_cast<unsigned char>(version[1]);
  if (major < 1 || major > 3 || minor != 0)
    throw Error("npy '{}': expected format 1.0, 2.0 or 3.0, found {}.{}", name, major, minor);
  const std::uint64_t size = LittleEndian(Take(content, major == 1 ? 2 : 4, "header size", name));
  return HeaderParser(Take(content, size, "header", name), name).Parse();
}

ElementType TypeOf(std::string_view descr, std::string_view name) {
  std::vector<std::string_view> texts;
  for (const Dtype& dtype : kDtypes) {
    if (descr == dtype.text) return dtype.type;
    texts.push_back(dtype.text);
  }
  if (descr == "<u1") return ElementType::kUint8;
  if (descr == "<i1") return ElementType::kInt8;
  if (descr == "<b1" || descr == "|?") return ElementType::kBool;
  std::string_view kind = "another type";
  if (!descr.empty() && descr[0] == '>') kind = "big-endian";
  if (descr == "|O" || descr == "O") kind = "python objects";
  throw Error("npy '{}': expected element type {}, found '{}' ({})",
              name,
              fmt::join(texts, ", "),
              descr,
              kind);
}

}  // namespace

NpyLayout ParseNpyHeader(std::string_view content, std::string_view name) {
  const std::string_view whole = content;
  const Header header = TakeHeader(content, name);
  NpyLayout layout;
  layout.type = TypeOf(header.descr, name);
  layout.fortran_order = header.fortran_order;
  layout.shape = header.shape;
  layout.offset = whole.size() - content.size();
  try {
    layout.size = ByteCount(layout.type, layout.shape);
  } catch (const Error& e) {
    throw Error("npy '{}': {}", name, e.what());
  }
  if (content.size() != layout.size)
    throw Error("npy '{}': expected {} bytes of data for shape {} of {}, found {}",
                name,
                layout.size,
                ShapeText(layout.shape),
                ElementName(layout.type),
                content.size());
  return layout;
}

std::string NpyHeader(ElementType type, const Shape& shape) {
  std::string dict = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                 DtypeText(type),
                                 fmt::join(shape, ", "),
                                 shape.size() == 1 ? "," : "");
  const std::size_t prefix = kMagic.size() + 4;
  const std::size_t whole = (prefix + dict.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
  dict.resize(whole - prefix - 1, ' ');
  dict += '\n';
  if (dict.size() > 0xffff)
    throw Error("npy header: expected at most 65535 bytes, found {} for {} dimensions",
                dict.size(),
                shape.size());
  std::string header(kMagic);
  header +=
      {'\1', '\0', static_cast<char>(dict.size() & 0xff), static_cast<char>(dict.size() >> 8)};
  return header + dict;
}

}  // namespace denoscope
