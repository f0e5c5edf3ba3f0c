#include "denoscope/files/option_json.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

enum class Colour { kRed, kGreen };

struct Paint {
  Colour colour = Colour::kGreen;
  int coats = 2;
};
struct Wall {
  Paint paint;
  double height = 2.5;
};
struct TwoPaints {
  Paint inner, outer;
};

template <typename Visit>
void EachOption(Paint& o, const Visit& visit) {
  auto& [colour, coats] = o;
  visit("colour", colour);
  visit("coats", coats);
}
template <typename Visit>
void EachOption(Wall& o, const Visit& visit) {
  auto& [paint, height] = o;
  visit("paint", paint);
  visit("height", height);
}
template <typename Visit>
void EachOption(TwoPaints& o, const Visit& visit) {
  auto& [inner, outer] = o;
  visit.Within(inner);
  visit.Within(outer);
}

}  // namespace

template <>
struct EnumNames<Colour> {
  static constexpr const char* kWhat = "colour";
  static constexpr EnumName<Colour> kNames[] = {{Colour::kRed, "red"}, {Colour::kGreen, "green"}};
};

namespace {

TEST(OptionJson, HasStructsAsObjectsAndEnumsByName) {
  Wall wall;
  wall.paint.colour = Colour::kRed;
  const Json json = OptionsToJson(wall);
  EXPECT_EQ(json, Json({{"paint", {{"colour", "red"}, {"coats", 2}}}, {"height", 2.5}}));
  EXPECT_EQ(OptionsToJson(OptionsFromJson<Wall>(json, "run.json")), json);
}

// The second once replaced the first without a word.
TEST(OptionJson, TwoOptionsOfOneNameAreRefused) {
  ExpectError([] { OptionsToJson(TwoPaints()); }, {"options", "found two 'colour'"});
}

TEST(OptionJson, WhatIsWrongIsNamed) {
  const auto refused = [](const char* key, const Json& value) {
    Json json = OptionsToJson(Paint());
    json[key] = value;
    ExpectError([&] { OptionsFromJson<Paint>(json, "run.json"); },
                {"run.json", "'" + std::string(key) + "'"});
  };
  refused("coats", "many");
  refused("colour", 3);
  refused("colour", "blue");
  ExpectError(
      [] {
        OptionsFromJson<Paint>({{"colour", "blue"}, {"coats", 1}}, "run.json");
      },
      {"colour 'blue': unknown, expected red or green"});
  ExpectError(
      [] {
        OptionsFromJson<Paint>({{"colour", "red"}}, "run.json");
      },
      {"run.json", "'coats'"});
}

}  // namespace
}  // namespace denoscope
