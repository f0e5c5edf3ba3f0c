#include "denoscope/base/cancel.h"

#include <atomic>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {
std::atomic<bool> cancel_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);
}  // namespace

void RequestCancel() noexcept { cancel_requested = true; }
bool CancelRequested() noexcept { return cancel_requested; }
void ClearCancel() noexcept { cancel_requested = false; }

void StopIfCancelled(const char* task) {
  if (CancelRequested()) throw Interrupted("{}: interrupted", task);
}

}  // namespace denoscope
