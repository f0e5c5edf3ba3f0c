#include "denoscope/base/process.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <vector>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

TEST(AvailableThreads, ObeysTheAffinityOfTheProcess) {
  EXPECT_GE(AvailableThreads(), 1);
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  CPU_ZERO(&one);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(AvailableThreads(), 1);
  sched_setaffinity(0, sizeof(before), &before);
}

TEST(Memory, ThatIsNotThereIsRefused) {
  EXPECT_NO_THROW(CheckMemory("job", 1, "little"));
  ExpectError([] { CheckMemory("job", std::int64_t{1} << 60, "the plan"); },
              {"job: needs 1152921504.6 GB of memory", "are available (the plan)"});
}

TEST(Memory, IsCountedWhenItIsTouched) {
  constexpr std::int64_t kBytes = std::int64_t{256} << 20;
  ForgetPeakMemory();
  const std::int64_t before = PeakMemory(), available = AvailableMemory();
  EXPECT_GT(available, 0);
  {
    std::vector<char> touched(kBytes, 1);
    static volatile const char* seen_elsewhere = nullptr;  // or a compiler may leave it all out
    seen_elsewhere = touched.data();
    EXPECT_GT(PeakMemory(), before + kBytes / 2 + *seen_elsewhere);
  }
  const std::int64_t peak = PeakMemory();
  EXPECT_GT(peak, before + kBytes / 2) << "a peak is kept after the memory is freed";
}

}  // namespace
}  // namespace denoscope
