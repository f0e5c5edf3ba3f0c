// An NPY file that is filled in pieces through a memory map: an array larger than memory can be
// made, and pieces that are finished survive an interruption.
//
// Until it is whole the array lies in TARGET.partial, and TARGET.partial-pieces lists the job that
// it belongs to and the pieces done. Opening the same target for the same job goes on where it
// stopped. Pieces go to disk together, at most kFlushSeconds after they are finished.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/files/array.h"

namespace denoscope {

class MappedNpy {
 public:
  // `job`: one line that says all that the content depends on. Throws when there is an unfinished
  // file of another job, or when the disk has no room; `force` deletes what there is.
  MappedNpy(std::filesystem::path target,
            ElementType type,
            const Shape& shape,
            const std::string& job,
            std::int64_t pieces,
            bool force);
  ~MappedNpy();  // what is done goes to disk; of a file without a finished piece nothing is left
  MappedNpy(const MappedNpy&) = delete;
  MappedNpy& operator=(const MappedNpy&) = delete;

  void* Data() { return map_ + offset_; }
  bool Done(std::int64_t piece) const { return done_[static_cast<std::size_t>(piece)]; }
  std::int64_t CountDone() const;
  void MarkDone(std::int64_t piece);
  // To disk, under its final name; throws when a piece is missing. The map stays readable.
  void Finish();

 private:
  static constexpr double kFlushSeconds = 10;

  std::filesystem::path target_, data_path_, pieces_path_;
  int data_ = -1, journal_ = -1;
  char* map_ = nullptr;
  std::size_t offset_ = 0, size_ = 0;  // of the array in the file; of the file
  std::vector<bool> done_;
  std::vector<std::int64_t> waiting_;  // done, but not known to be on disk
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();

  bool Continue(const std::string& job);
  void Begin(const std::string& header, const std::string& job);
  void Map();
  void Flush();
  void Remove() noexcept;  // the unfinished file
  void Close() noexcept;
  [[noreturn]] void Fail(const std::string& action);
};

}  // namespace denoscope
