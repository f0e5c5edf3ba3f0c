#include "denoscope/arrays/mapped_npy.h"

#include <sys/mman.h>

#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {

MappedNpy::MappedNpy(NpyTarget target, ElementType type, const Shape& shape, std::int64_t pieces)
    : file_(std::move(target), type, shape, pieces) {
  file_.Open();
  void* map =
      ::mmap(nullptr, file_.Size(), PROT_READ | PROT_WRITE, MAP_SHARED, file_.Descriptor(), 0);
  if (map == MAP_FAILED) file_.Fail("cannot map");
  map_ = static_cast<char*>(map);
}

MappedNpy::~MappedNpy() {
  try {
    if (!waiting_.empty()) Flush();
  } catch (const Error&) {
    // What could not be noted is done again.
  }
  if (CountDone() == 0) file_.Remove();
  ::munmap(map_, file_.Size());
}

void MappedNpy::MarkDone(std::int64_t piece) {
  file_.SetDone(piece);
  waiting_.push_back(piece);
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - flushed_;
  if (since.count() > kFlushSeconds) Flush();
}

void MappedNpy::Finish() {
  Flush();
  file_.Finish();
}

// The pieces first, then the note that they are done.
void MappedNpy::Flush() {
  if (::msync(map_, file_.Size(), MS_SYNC) != 0) file_.Fail("cannot write");
  file_.Note(waiting_);
  waiting_.clear();
  flushed_ = std::chrono::steady_clock::now();
}

}  // namespace denoscope
