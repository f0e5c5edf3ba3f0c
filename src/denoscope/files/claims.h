// Who is at work at what, among all programs that have a folder open, on whatever machines share
// it: locks on single bytes of one empty file in it. The system, or the server of the files, takes
// a lock away when its owner ends in whatever way: none outlives its owner, and no clock is looked
// at.
//
// Open file description locks of Linux, on NFS too; Lustre needs the mount option flock. Where the
// file system has no locks every claim succeeds: programs then work beside each other unawares, and
// two that do the same leave the same bytes.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

namespace denoscope {

class Claims {
 public:
  // Opens or creates the file and stays until the end among those that are at work. Throws when it
  // cannot be written.
  explicit Claims(const std::filesystem::path& file);

  // Held while it lives; false where another program holds it.
  class Claim {
   public:
    Claim() = default;
    explicit operator bool() const { return descriptor_ != nullptr; }

   private:
    friend class Claims;
    std::shared_ptr<int> descriptor_;
  };
  Claim Try(std::string_view name) const;
  Claim Wait(std::string_view name) const;  // until it is free: for what is held for a moment

  bool Alone() const;  // no other program has the file open in a Claims, now

 private:
  std::filesystem::path file_;
  std::shared_ptr<int> presence_;
};

}  // namespace denoscope
