// Folders that several machines share.
#pragma once

#include <chrono>
#include <thread>

namespace denoscope {

// Looks ten times a second for what another machine has written until it is there, for a minute:
// as long as caches of shared file systems keep what they saw. False where it never came.
template <typename Look>
bool AwaitShared(const Look& is_there) {
  constexpr int kLooks = 600;
  for (int i = 0; i < kLooks; ++i) {
    if (is_there()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return is_there();
}

}  // namespace denoscope
