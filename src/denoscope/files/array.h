// An n-dimensional array in row-major order with its element type: what NPY, NPZ and safetensors
// files hold. Bytes are little-endian, as on every machine we run on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"

namespace denoscope {

enum class ElementType { kFloat32, kFloat64, kInt32, kInt64, kUint8, kBool };

std::string ElementName(ElementType type);  // "float32"
std::size_t ElementSize(ElementType type);

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
constexpr ElementType ElementTypeOf<std::int32_t>() {
  return ElementType::kInt32;
}
template <>
constexpr ElementType ElementTypeOf<std::int64_t>() {
  return ElementType::kInt64;
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
  const T* Data() const;                  // throws unless T is the element type
  std::vector<double> AsDoubles() const;  // any numeric type, converted
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
