#include "denoscope/base/cancel.h"

#include <gtest/gtest.h>

#include <csignal>

namespace denoscope {
namespace {

TEST(Cancel, IsSetAndCleared) {
  ClearCancel();
  EXPECT_FALSE(CancelRequested());
  RequestCancel();
  RequestCancel();
  EXPECT_TRUE(CancelRequested());
  ClearCancel();
  EXPECT_FALSE(CancelRequested());
}

TEST(Cancel, IsSetFromASignalHandler) {
  ClearCancel();
  const auto before = std::signal(SIGUSR1, [](int) { RequestCancel(); });
  std::raise(SIGUSR1);
  std::signal(SIGUSR1, before);
  EXPECT_TRUE(CancelRequested());
  ClearCancel();
}

}  // namespace
}  // namespace denoscope
