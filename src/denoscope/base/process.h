// Settings of the whole process: how freed memory is kept, how many threads there are to use.
#pragma once

#include <cstdint>
#include <string>

namespace denoscope {

// Keeps freed memory in the process. LibTorch's CPU allocator otherwise returns every big tensor to
// the kernel, and the page faults cost more than the convolutions: 2-3x measured. Call once, first.
void KeepFreedMemory() noexcept;

// How this process shares the machine with others of its job: the memory among `processes` >= 1,
// and as many threads as are this one's.
struct MachineShare {
  int processes = 1;
  int threads = 0;  // 0: all processors
};
void ShareMachine(const MachineShare& share) noexcept;

// Processors this process may run on, or its share of them, at least 1.
int AvailableThreads() noexcept;

// Bytes that this process may still take without swapping: its share of what the system has
// available, or of what its control group allows if that is less.
std::int64_t AvailableMemory();
// Throws when `bytes` are not available, naming `what` and `plan`, which say what wants them.
void CheckMemory(const std::string& what, std::int64_t bytes, const std::string& plan);
// The highest resident memory so far, or since ForgetPeakMemory; bytes.
std::int64_t PeakMemory();
void ForgetPeakMemory();

}  // namespace denoscope
