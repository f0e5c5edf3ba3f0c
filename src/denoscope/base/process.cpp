#include "denoscope/base/process.h"

#include <malloc.h>
#include <sched.h>

#include <algorithm>
#include <thread>

namespace denoscope {

void KeepFreedMemory() noexcept {
  constexpr int kHuge = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kHuge);
  mallopt(M_TRIM_THRESHOLD, kHuge);
  mallopt(M_TOP_PAD, 64 << 20);
}

int AvailableThreads() noexcept {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace denoscope
