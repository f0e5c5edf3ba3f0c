#include "denoscope/base/error.h"

#include <gtest/gtest.h>

namespace denoscope {
namespace {

TEST(Error, FormatsItsMessage) {
  const Error e("tensor '{}': expected {} values, found {}", "w", 4, 3);
  EXPECT_STREQ(e.what(), "tensor 'w': expected 4 values, found 3");
  EXPECT_STREQ(Error("plain").what(), "plain");
}

TEST(Error, KindsAreToldApartAndCaughtTogether) {
  EXPECT_THROW(throw UsageError("flag '{}'", "--x"), Error);
  EXPECT_THROW(throw Interrupted("after {} cells", 3), std::runtime_error);
  try {
    throw Interrupted("after {} cells", 3);
  } catch (const UsageError&) {
    FAIL() << "an interruption is no misuse";
  } catch (const Interrupted& e) {
    EXPECT_STREQ(e.what(), "after 3 cells");
  }
}

}  // namespace
}  // namespace denoscope
