#include "denoscope/files/base64.h"

#include <gtest/gtest.h>

namespace denoscope {
namespace {

TEST(Base64, AnswersOfRfc4648) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("foob"), "Zm9vYg==");
  EXPECT_EQ(Base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, EveryBit) { EXPECT_EQ(Base64(std::string("\xfb\xff\xfe\x00", 4)), "+//+AA=="); }

}  // namespace
}  // namespace denoscope
