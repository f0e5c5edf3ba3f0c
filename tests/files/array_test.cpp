#include "denoscope/files/array.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

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
  EXPECT_EQ(Array::From<std::int32_t>({1}, {-7}).AsDoubles()[0], -7);
}

}  // namespace
}  // namespace denoscope
