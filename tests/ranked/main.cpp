// Tests of what several ranks do together: alone as one rank, under mpirun as many. Every rank runs
// every test; rank 0 reports, and what fails on another rank fails there too.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "denoscope/base/process.h"
#include "denoscope/ranks/ranks.h"

namespace {

using namespace denoscope;

// After each test all ranks learn whether it failed on any: none goes on alone.
class TogetherListener : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed() && !Ranks::OfThisJob().IsFirst())
      std::fprintf(stderr,
                   "%s: %s:%d: %s\n",
                   Ranks::OfThisJob().Name().c_str(),
                   result.file_name(),
                   result.line_number(),
                   result.message());
  }
  void OnTestEnd(const testing::TestInfo& test) override {
    const bool failed = test.result()->Failed();
    for (const std::string& other : Ranks::OfThisJob().Gather(failed ? "failed" : ""))
      if (!failed && !other.empty()) ADD_FAILURE() << "failed on another rank";
  }
};

}  // namespace

int main(int argc, char** argv) {
  Ranks::Join();
  Ranks& ranks = Ranks::OfThisJob();
  at::set_num_threads(AvailableThreads());
  testing::InitGoogleTest(&argc, argv);
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  if (!ranks.IsFirst()) delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new TogetherListener);
  const int result = RUN_ALL_TESTS();
  ranks.Disband();
  return result;
}
