#include "denoscope/files/array.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace denoscope {
namespace {

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

}  // namespace

std::string ElementName(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      return "float32";
    case ElementType::kFloat64:
      return "float64";
    case ElementType::kInt32:
      return "int32";
    case ElementType::kInt64:
      return "int64";
    case ElementType::kUint8:
      return "uint8";
    case ElementType::kBool:
      return "bool";
  }
  throw Error("element type: found the unknown value {}", static_cast<int>(type));
}

std::size_t ElementSize(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
    case ElementType::kInt32:
      return 4;
    case ElementType::kFloat64:
    case ElementType::kInt64:
      return 8;
    case ElementType::kUint8:
    case ElementType::kBool:
      return 1;
  }
  throw Error("element type: found the unknown value {}", static_cast<int>(type));
}

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

std::vector<double> Array::AsDoubles() const {
  switch (type) {
    case ElementType::kFloat32:
      return Converted<float>(bytes);
    case ElementType::kFloat64:
      return Converted<double>(bytes);
    case ElementType::kInt32:
      return Converted<std::int32_t>(bytes);
    case ElementType::kInt64:
      return Converted<std::int64_t>(bytes);
    case ElementType::kUint8:
    case ElementType::kBool:
      return Converted<std::uint8_t>(bytes);
  }
  throw Error("element type: found the unknown value {}", static_cast<int>(type));
}

}  // namespace denoscope
