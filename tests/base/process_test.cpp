#include "denoscope/base/process.h"

#include <gtest/gtest.h>
#include <sched.h>

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

}  // namespace
}  // namespace denoscope
