// An NPY file that one process fills in pieces through a memory map: an array larger than memory
// can be made, and pieces that are finished survive an interruption (partial_npy.h). Pieces go to
// disk together, at most kFlushSeconds after they are finished.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "denoscope/arrays/partial_npy.h"

namespace denoscope {

class MappedNpy {
 public:
  // As PartialNpy; throws as its Open.
  MappedNpy(NpyTarget target, ElementType type, const Shape& shape, std::int64_t pieces);
  ~MappedNpy();  // what is done goes to disk; of a file without a finished piece nothing is left
  MappedNpy(const MappedNpy&) = delete;
  MappedNpy& operator=(const MappedNpy&) = delete;

  void* Data() { return map_ + file_.Offset(); }
  bool Done(std::int64_t piece) const { return file_.Done(piece); }
  std::int64_t CountDone() const { return file_.CountDone(); }
  void MarkDone(std::int64_t piece);
  // To disk, under its final name; throws when a piece is missing. The map stays readable.
  void Finish();

 private:
  static constexpr double kFlushSeconds = 10;

  PartialNpy file_;
  char* map_ = nullptr;
  std::vector<std::int64_t> waiting_;  // done, but not known to be on disk
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();

  void Flush();
};

}  // namespace denoscope
