#include "denoscope/base/enum_names.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

enum class Metal { kIron, kGold, kTin };

}  // namespace

template <>
struct EnumNames<Metal> {
  static constexpr const char* kWhat = "metal";
  static constexpr EnumName<Metal> kNames[] = {
      {Metal::kIron, "iron"}, {Metal::kGold, "gold"}, {Metal::kTin, "tin"}};
};

namespace {

TEST(EnumNames, GoBothWays) {
  for (const std::string& name : NamesOf<Metal>()) EXPECT_EQ(NameOf(FromName<Metal>(name)), name);
  EXPECT_EQ(NamesOf<Metal>(), (std::vector<std::string>{"iron", "gold", "tin"}));
}

TEST(EnumNames, RefuseWhatIsNone) {
  ExpectError([] { FromName<Metal>("lead"); },
              {"metal 'lead': unknown, expected iron, gold or tin"});
  ExpectError([] { NameOf(static_cast<Metal>(7)); }, {"metal: value is 7, expected 0 to 2"});
}

}  // namespace
}  // namespace denoscope
