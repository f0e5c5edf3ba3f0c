#include "denoscope/files/cache_folder.h"

#include <gtest/gtest.h>

#include "tests/support/environment.h"
#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

TEST(CacheFolder, FollowsTheVariables) {
  const Environment home("HOME", "/home/somebody");
  {
    const Environment cache("XDG_CACHE_HOME", "/some/cache");
    EXPECT_EQ(CacheFolder(), "/some/cache/denoscope");
  }
  for (const char* none : {"", "relative/cache"}) {
    const Environment cache("XDG_CACHE_HOME", none);
    EXPECT_EQ(CacheFolder(), "/home/somebody/.cache/denoscope");
    const Environment nowhere("HOME", "");
    ExpectError([] { CacheFolder(); }, {"XDG_CACHE_HOME or HOME"});
  }
}

}  // namespace
}  // namespace denoscope
