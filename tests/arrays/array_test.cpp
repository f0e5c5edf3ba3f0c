#include "denoscope/arrays/array.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The value of one element given by its bits.
double Value(ElementType type, std::uint64_t bits) {
  Array a = {type, {1}, std::vector<std::uint8_t>(ElementSize(type))};
  std::memcpy(a.bytes.data(), &bits, a.bytes.size());
  return a.AsDoubles().at(0);
}

void ExpectSameNumber(double found, double expected) {
  EXPECT_EQ(std::isnan(found), std::isnan(expected));
  if (std::isnan(expected)) return;
  EXPECT_EQ(found, expected);
  EXPECT_EQ(std::signbit(found), std::signbit(expected));
}

TEST(Array, CountsElements) {
  EXPECT_EQ(ElementCount({}), 1);
  EXPECT_EQ(ElementCount({2, 3, 4}), 24);
  EXPECT_EQ(ElementCount({kMax, 1}), kMax);
  EXPECT_EQ(ElementCount({kMax, kMax, 0}), 0);
}

TEST(Array, RefusesNegativeAndOverflowingShapes) {
  ExpectError([] { ElementCount({2, -3}); }, {"shape [2,-3]", "found -3"});
  ExpectError([] { ElementCount({kMax, 2}); }, {"expected fewer than 2^63 elements"});
  ExpectError([] { ElementCount({1 << 30, 1 << 30, 8}); }, {"[1073741824,1073741824,8]"});
  ExpectError([] { ByteCount(ElementType::kFloat64, {kMax / 4}); }, {"2^63 bytes", "float64"});
}

TEST(Array, PrintsShapes) {
  EXPECT_EQ(ShapeText({}), "[]");
  EXPECT_EQ(ShapeText({64, 32, 3, 3}), "[64,32,3,3]");
}

TEST(Array, DataOfAnotherTypeIsAnError) {
  const Array a = Array::From<float>({2}, {1, 2});
  EXPECT_EQ(a.Data<float>()[1], 2);
  ExpectError([&] { a.Data<double>(); }, {"expected float64, found float32"});
}

TEST(Array, FromChecksTheNumberOfValues) {
  ExpectError([] { Array::From<float>({2, 2}, {1, 2, 3}); }, {"[2,2]", "expected 4", "found 3"});
}

TEST(Array, ConvertsEveryTypeToDoubles) {
  const std::vector<double> expected = {0, 1, 1};
  EXPECT_EQ(Array::From<float>({3}, {0, 1, 1}).AsDoubles(), expected);
  EXPECT_EQ(Array::From<double>({3}, {0, 1, 1}).AsDoubles(), expected);
  EXPECT_EQ(Array::From<std::int32_t>({3}, {0, 1, 1}).AsDoubles(), expected);
  EXPECT_EQ(Array::From<std::int64_t>({3}, {0, 1, 1}).AsDoubles(), expected);
  EXPECT_EQ(Array::From<std::uint8_t>({3}, {0, 1, 1}).AsDoubles(), expected);
  EXPECT_EQ((Array{ElementType::kBool, {3}, {0, 1, 1}}).AsDoubles(), expected);
  EXPECT_EQ(Array::From<std::int16_t>({3}, {0, 1, 1}).AsDoubles(), expected);
  EXPECT_EQ(Array::From<std::int8_t>({3}, {0, 1, 1}).AsDoubles(), expected);
  EXPECT_EQ(Array::From<std::uint64_t>({3}, {0, 1, 1}).AsDoubles(), expected);
  EXPECT_EQ(Array::From<std::uint32_t>({3}, {0, 1, 1}).AsDoubles(), expected);
  EXPECT_EQ(Array::From<std::uint16_t>({3}, {0, 1, 1}).AsDoubles(), expected);
}

TEST(Array, ConvertsTheEndsOfIntegerTypes) {
  EXPECT_EQ(Array::From<std::int8_t>({1}, {-128}).AsDoubles()[0], -128);
  EXPECT_EQ(Array::From<std::int16_t>({1}, {-32768}).AsDoubles()[0], -32768);
  EXPECT_EQ(Array::From<std::int32_t>({1}, {-7}).AsDoubles()[0], -7);
  EXPECT_EQ(Array::From<std::int64_t>({1}, {-(std::int64_t{1} << 53)}).AsDoubles()[0], -0x1p53);
  EXPECT_EQ(Array::From<std::uint16_t>({1}, {65535}).AsDoubles()[0], 65535);
  EXPECT_EQ(Array::From<std::uint32_t>({1}, {4294967295u}).AsDoubles()[0], 4294967295.0);
  EXPECT_EQ(Array::From<std::uint64_t>({1}, {std::uint64_t{1} << 63}).AsDoubles()[0], 0x1p63);
}

TEST(Array, EveryTypeHasItsNameAndSize) {
  std::set<std::string> names;
  std::size_t total = 0;
  for (int i = 0; i <= static_cast<int>(ElementType::kBool); ++i) {
    names.insert(ElementName(static_cast<ElementType>(i)));
    total += ElementSize(static_cast<ElementType>(i));
  }
  EXPECT_EQ(names.size(), 15u);
  EXPECT_EQ(total, 8 + 4 + 2 + 2 + 1 + 1 + 2 * (8 + 4 + 2 + 1) + 1u);
  EXPECT_TRUE(IsFloat(ElementType::kFloat8E4m3));
  EXPECT_FALSE(IsFloat(ElementType::kInt64));
  ExpectError([] { ElementName(static_cast<ElementType>(99)); }, {"unknown value 99"});
}

TEST(Array, ConvertsFloat16) {
  const auto value = [](std::uint64_t bits) { return Value(ElementType::kFloat16, bits); };
  EXPECT_EQ(value(0x3c00), 1);
  EXPECT_EQ(value(0xc000), -2);
  EXPECT_EQ(value(0x7bff), 65504);
  EXPECT_EQ(value(0x0400), 0x1p-14);
  EXPECT_EQ(value(0x0001), 0x1p-24);
  EXPECT_EQ(value(0x3555), 0x1.554p-2);
  EXPECT_EQ(value(0x7c00), kInfinity);
  EXPECT_EQ(value(0xfc00), -kInfinity);
  ExpectSameNumber(value(0x8000), -0.0);
  EXPECT_TRUE(std::isnan(value(0x7c01)));
  EXPECT_TRUE(std::isnan(value(0xfe00)));
}

// A bfloat16 is the upper half of a float32.
TEST(Array, ConvertsEveryBfloat16) {
  for (std::uint64_t bits = 0; bits < 0x10000; ++bits) {
    SCOPED_TRACE(bits);
    ExpectSameNumber(Value(ElementType::kBfloat16, bits), Value(ElementType::kFloat32, bits << 16));
  }
}

// A float8_e5m2 is the upper half of a float16.
TEST(Array, ConvertsEveryFloat8E5m2) {
  for (std::uint64_t bits = 0; bits < 0x100; ++bits) {
    SCOPED_TRACE(bits);
    ExpectSameNumber(Value(ElementType::kFloat8E5m2, bits),
                     Value(ElementType::kFloat16, bits << 8));
  }
}

// Up to 448 without infinities, and NaN where all bits but the sign are set. The numbers are those
// of the float16 with the same fields, whose exponents are biased by 8 more.
TEST(Array, ConvertsEveryFloat8E4m3) {
  const auto value = [](std::uint64_t bits) { return Value(ElementType::kFloat8E4m3, bits); };
  EXPECT_EQ(value(0x38), 1);
  EXPECT_EQ(value(0x01), 0x1p-9);
  EXPECT_EQ(value(0x08), 0x1p-6);
  EXPECT_EQ(value(0x78), 256);
  EXPECT_EQ(value(0x7e), 448);
  EXPECT_EQ(value(0xfe), -448);
  EXPECT_TRUE(std::isnan(value(0x7f)));
  EXPECT_TRUE(std::isnan(value(0xff)));
  for (std::uint64_t bits = 0; bits < 0x7f; ++bits) {
    SCOPED_TRACE(bits);
    ExpectSameNumber(value(bits), 0x1p8 * Value(ElementType::kFloat16, bits << 7));
    ExpectSameNumber(value(bits | 0x80), -value(bits));
  }
}

}  // namespace
}  // namespace denoscope
