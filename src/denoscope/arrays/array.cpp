#include "denoscope/arrays/array.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace denoscope {
namespace {

// A float narrower than C++ knows: sign, exponent and mantissa, biased as in IEEE 754. Without
// infinities, the largest exponent holds numbers too, and NaN has all bits set but the sign.
template <typename Bits, int kExponentBits, int kMantissaBits, bool kInfinities>
struct SmallFloat {
  Bits bits;

  explicit operator double() const {
    constexpr int kExponents = 1 << kExponentBits, kMantissas = 1 << kMantissaBits;
    constexpr int kBias = kExponents / 2 - 1;
    const int mantissa = bits % kMantissas, exponent = bits / kMantissas % kExponents;
    double size = 0;
    if (exponent == kExponents - 1 && (kInfinities || mantissa == kMantissas - 1)) {
      size = kInfinities && mantissa == 0 ? std::numeric_limits<double>::infinity()
                                          : std::numeric_limits<double>::quiet_NaN();
    } else if (exponent == 0) {
      size = std::ldexp(mantissa, 1 - kBias - kMantissaBits);
    } else {
      size = std::ldexp(kMantissas + mantissa, exponent - kBias - kMantissaBits);
    }
    return bits / kMantissas / kExponents != 0 ? -size : size;
  }
};
using Float16 = SmallFloat<std::uint16_t, 5, 10, true>;
using Bfloat16 = SmallFloat<std::uint16_t, 8, 7, true>;
using Float8E4m3 = SmallFloat<std::uint8_t, 4, 3, false>;
using Float8E5m2 = SmallFloat<std::uint8_t, 5, 2, true>;

template <typename T>
std::vector<double> Converted(const std::vector<std::uint8_t>& bytes) {
  std::vector<double> values(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<double>(value);
  }
  return values;
}

struct Element {
  ElementType type;
  const char* name;
  std::size_t size;
  bool is_float;
  std::vector<double> (*as_doubles)(const std::vector<std::uint8_t>& bytes);
};

template <typename T>
constexpr Element Row(ElementType type, const char* name, bool is_float) {
  return {type, name, sizeof(T), is_float, Converted<T>};
}

constexpr std::array<Element, 15> kElements = {
    Row<double>(ElementType::kFloat64, "float64", true),
    Row<float>(ElementType::kFloat32, "float32", true),
    Row<Float16>(ElementType::kFloat16, "float16", true),
    Row<Bfloat16>(ElementType::kBfloat16, "bfloat16", true),
    Row<Float8E4m3>(ElementType::kFloat8E4m3, "float8_e4m3", true),
    Row<Float8E5m2>(ElementType::kFloat8E5m2, "float8_e5m2", true),
    Row<std::int64_t>(ElementType::kInt64, "int64", false),
    Row<std::int32_t>(ElementType::kInt32, "int32", false),
    Row<std::int16_t>(ElementType::kInt16, "int16", false),
    Row<std::int8_t>(ElementType::kInt8, "int8", false),
    Row<std::uint64_t>(ElementType::kUint64, "uint64", false),
    Row<std::uint32_t>(ElementType::kUint32, "uint32", false),
    Row<std::uint16_t>(ElementType::kUint16, "uint16", false),
    Row<std::uint8_t>(ElementType::kUint8, "uint8", false),
    Row<std::uint8_t>(ElementType::kBool, "bool", false),
};

const Element& ElementOf(ElementType type) {
  for (const Element& element : kElements)
    if (element.type == type) return element;
  throw Error("element type: found the unknown value {}", static_cast<int>(type));
}

}  // namespace

std::string ElementName(ElementType type) { return ElementOf(type).name; }

std::size_t ElementSize(ElementType type) { return ElementOf(type).size; }

bool IsFloat(ElementType type) { return ElementOf(type).is_float; }

std::string ShapeText(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ",")); }

std::int64_t ElementCount(const Shape& shape) {
  for (const std::int64_t extent : shape)
    if (extent < 0)
      throw Error("shape {}: expected extents of at least 0, found {}", ShapeText(shape), extent);
  // An empty array has a count even where the product of its other extents would overflow.
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (count > std::numeric_limits<std::int64_t>::max() / extent)
      throw Error("shape {}: expected fewer than 2^63 elements, found more", ShapeText(shape));
    count *= extent;
  }
  return count;
}

std::size_t ByteCount(ElementType type, const Shape& shape) {
  const auto size = static_cast<std::int64_t>(ElementSize(type));
  const std::int64_t count = ElementCount(shape);
  if (count > std::numeric_limits<std::int64_t>::max() / size)
    throw Error("shape {} of {}: expected fewer than 2^63 bytes, found more",
                ShapeText(shape),
                ElementName(type));
  return static_cast<std::size_t>(count * size);
}

std::vector<double> Array::AsDoubles() const { return ElementOf(type).as_doubles(bytes); }

}  // namespace denoscope
