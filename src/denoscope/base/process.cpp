#include "denoscope/base/process.h"

#include <malloc.h>
#include <sched.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

MachineShare machine_share;

// The bytes behind `key` of a file of lines such as "MemAvailable:  123 kB".
std::int64_t KilobyteField(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.rfind(key + ":", 0) == 0) return 1024 * std::stoll(line.substr(key.size() + 1));
  throw Error("memory: {} has no {}", path, key);
}

// Nothing where the file is absent or holds a word such as "max".
std::int64_t NumberIn(const char* path, std::int64_t otherwise) {
  std::int64_t number = 0;
  return std::ifstream(path) >> number ? number : otherwise;
}

}  // namespace

void KeepFreedMemory() noexcept {
  constexpr int kHuge = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kHuge);
  mallopt(M_TRIM_THRESHOLD, kHuge);
  mallopt(M_TOP_PAD, 64 << 20);
}

void ShareMachine(const MachineShare& share) noexcept { machine_share = share; }

int AvailableThreads() noexcept {
  if (machine_share.threads > 0) return machine_share.threads;
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::int64_t AvailableMemory() {
  constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
  std::int64_t available = KilobyteField("/proc/meminfo", "MemAvailable");
  for (const auto& [limit, used] :
       {std::pair{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
        {"/sys/fs/cgroup/memory/memory.limit_in_bytes",
         "/sys/fs/cgroup/memory/memory.usage_in_bytes"}})
    if (const std::int64_t most = NumberIn(limit, kNoLimit); most < kNoLimit)
      available = std::min(available, std::max<std::int64_t>(0, most - NumberIn(used, 0)));
  return available / machine_share.processes;
}

void CheckMemory(const std::string& what, std::int64_t bytes, const std::string& plan) {
  const std::int64_t available = AvailableMemory();
  if (bytes > available)
    throw Error("{}: needs {:.1f} GB of memory, {:.1f} GB are available ({})",
                what,
                static_cast<double>(bytes) / 1e9,
                static_cast<double>(available) / 1e9,
                plan);
}

std::int64_t PeakMemory() { return KilobyteField("/proc/self/status", "VmHWM"); }

void ForgetPeakMemory() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace denoscope
