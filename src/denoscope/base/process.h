// Settings of the whole process: how freed memory is kept, how many threads there are to use.
#pragma once

namespace denoscope {

// Keeps freed memory in the process. LibTorch's CPU allocator otherwise returns every big tensor to
// the kernel, and the page faults cost more than the convolutions: 2-3x measured. Call once, first.
void KeepFreedMemory() noexcept;

// Processors this process may run on, at least 1.
int AvailableThreads() noexcept;

}  // namespace denoscope
