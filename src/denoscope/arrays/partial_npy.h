// An NPY file in the making, in pieces. Until it is whole the array lies in TARGET.partial, and
// TARGET.partial-pieces lists the job that it belongs to and the pieces done: opening the same
// target for the same job goes on where it stopped. How the bytes get into it is for others to say;
// several processes that fill it lock bytes of TARGET.partial-claims.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "denoscope/arrays/array.h"

namespace denoscope {

struct NpyTarget {
  std::filesystem::path path;
  std::string job;     // one line that says all that the content depends on
  bool force = false;  // an unfinished file, of whatever job, is begun anew
};

class PartialNpy {
 public:
  PartialNpy(NpyTarget target, ElementType type, const Shape& shape, std::int64_t pieces);
  ~PartialNpy();
  PartialNpy(const PartialNpy&) = delete;
  PartialNpy& operator=(const PartialNpy&) = delete;

  // Goes on with what there is of this job, else begins. Throws when there is an unfinished file of
  // another job, or when the disk has no room.
  void Open();
  // Opens what another process opened for this job; waits for it as long as the caches of shared
  // file systems live.
  void Join();

  const std::filesystem::path& ClaimsPath() const { return claims_path_; }
  int Descriptor() const { return data_; }
  std::size_t Offset() const { return header_.size(); }  // of the array in the file
  std::size_t Size() const { return size_; }             // of the file
  std::int64_t Pieces() const { return static_cast<std::int64_t>(done_.size()); }
  bool Done(std::int64_t piece) const { return done_[static_cast<std::size_t>(piece)]; }
  std::int64_t CountDone() const;
  void SetDone(std::int64_t piece) { done_[static_cast<std::size_t>(piece)] = true; }
  // Pieces that any process has noted by now are done; all are where the list is gone, for then
  // the file has its name.
  void Look();
  bool Unfinished() const;  // the list is there
  // In the list and to disk: of pieces whose bytes are there.
  void Note(const std::vector<std::int64_t>& pieces);
  void Finish();           // gives it its name; throws when a piece is missing
  void Remove() noexcept;  // the unfinished file
  [[noreturn]] void Fail(const std::string& action) const;  // with errno

 private:
  NpyTarget target_;
  std::filesystem::path data_path_, pieces_path_, claims_path_;
  std::string header_;
  std::size_t size_ = 0;
  int data_ = -1;
  std::vector<bool> done_;

  bool Continue();
  void Begin();
  void Append(const std::string& lines, int flags);
};

}  // namespace denoscope
