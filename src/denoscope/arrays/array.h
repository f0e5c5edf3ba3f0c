// An n-dimensional array in row-major order with its element type: what NPY, NPZ, safetensors and
// PyTorch files hold. Bytes are little-endian, as on every machine we run on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"

namespace denoscope {

// The 8-bit floats are those of the Open Compute Project: e4m3 without infinities, e5m2 with them.
enum class ElementType {
  kFloat64,
  kFloat32,
  kFloat16,
  kBfloat16,
  kFloat8E4m3,
  kFloat8E5m2,
  kInt64,
  kInt32,
  kInt16,
  kInt8,
  kUint64,
  kUint32,
  kUint16,
  kUint8,
  kBool,
};

std::string ElementName(ElementType type);  // "float32"
std::size_t ElementSize(ElementType type);
bool IsFloat(ElementType type);

template <typename T>
constexpr ElementType ElementTypeOf();
template <>
constexpr ElementType ElementTypeOf<float>() {
  return ElementType::kFloat32;
}
template <>
constexpr ElementType ElementTypeOf<double>() {
  return ElementType::kFloat64;
}
template <>
constexpr ElementType ElementTypeOf<std::int64_t>() {
  return ElementType::kInt64;
}
template <>
constexpr ElementType ElementTypeOf<std::int32_t>() {
  return ElementType::kInt32;
}
template <>
constexpr ElementType ElementTypeOf<std::int16_t>() {
  return ElementType::kInt16;
}
template <>
constexpr ElementType ElementTypeOf<std::int8_t>() {
  return ElementType::kInt8;
}
template <>
constexpr ElementType ElementTypeOf<std::uint64_t>() {
  return ElementType::kUint64;
}
template <>
constexpr ElementType ElementTypeOf<std::uint32_t>() {
  return ElementType::kUint32;
}
template <>
constexpr ElementType ElementTypeOf<std::uint16_t>() {
  return ElementType::kUint16;
}
template <>
constexpr ElementType ElementTypeOf<std::uint8_t>() {
  return ElementType::kUint8;
}

using Shape = std::vector<std::int64_t>;
std::string ShapeText(const Shape& shape);      // "[64,32,3,3]"
std::int64_t ElementCount(const Shape& shape);  // 1 for the empty shape, a scalar
// Both throw on a negative extent and on a size beyond 63 bits.
std::size_t ByteCount(ElementType type, const Shape& shape);

struct Array {
  ElementType type = ElementType::kFloat32;
  Shape shape;
  std::vector<std::uint8_t> bytes;

  template <typename T>
  static Array From(Shape shape, const T* values);
  template <typename T>
  static Array From(Shape shape, const std::vector<T>& values);
  template <typename T>
  const T* Data() const;  // throws unless T is the element type
  // Any type, converted: exactly, but for integers beyond 2^53, which are rounded.
  std::vector<double> AsDoubles() const;
};

template <typename T>
Array Array::From(Shape shape, const T* values) {
  Array a;
  a.type = ElementTypeOf<T>();
  const auto* begin = reinterpret_cast<const std::uint8_t*>(values);
  a.bytes.assign(begin, begin + static_cast<std::size_t>(ElementCount(shape)) * sizeof(T));
  a.shape = std::move(shape);
  return a;
}

template <typename T>
Array Array::From(Shape shape, const std::vector<T>& values) {
  if (ElementCount(shape) != static_cast<std::int64_t>(values.size()))
    throw Error("array of shape {}: expected {} values, found {}",
                ShapeText(shape),
                ElementCount(shape),
                values.size());
  return From(std::move(shape), values.data());
}

template <typename T>
const T* Array::Data() const {
  if (type != ElementTypeOf<T>())
    throw Error("array of shape {}: expected {}, found {}",
                ShapeText(shape),
                ElementName(ElementTypeOf<T>()),
                ElementName(type));
  return reinterpret_cast<const T*>(bytes.data());
}

}  // namespace denoscope
