// The cancel flag: the program's signal handler sets it, long work looks at it between steps,
// leaves its files in a resumable state and throws Interrupted.
#pragma once

namespace denoscope {

void RequestCancel() noexcept;  // safe in a signal handler
bool CancelRequested() noexcept;
void ClearCancel() noexcept;

// Throws Interrupted("TASK: interrupted") when asked to stop.
void StopIfCancelled(const char* task);

}  // namespace denoscope
