#include "denoscope/jacobian/sparse_room.h"

#include <sys/mman.h>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

void* Reserve(std::size_t size) {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* room = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (room == MAP_FAILED)
    throw Error("jacobian: cannot reserve addresses for {:.1f} MB",
                1e-6 * static_cast<double>(size));
  return room;
}

}  // namespace

SparseRoom::SparseRoom(std::int64_t rows, std::int64_t cols, const at::TensorOptions& options)
    : size_(static_cast<std::size_t>(rows * cols) * options.dtype().itemsize()),
      room_(Reserve(size_)),
      J_(at::from_blob(room_, {rows, cols}, options)) {}

SparseRoom::~SparseRoom() { ::munmap(room_, size_); }

void SparseRoom::GiveBack() { ::madvise(room_, size_, MADV_DONTNEED); }

}  // namespace denoscope
