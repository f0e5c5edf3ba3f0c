// Wall-clock seconds of a piece of work.
#pragma once

#include <chrono>

namespace denoscope {

template <typename Work>
double SecondsOf(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace denoscope
