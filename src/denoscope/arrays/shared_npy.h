// An NPY file that several processes fill in pieces together, on whatever machines share its
// folder (partial_npy.h; a process alone has mapped_npy.h, and either goes on with what the other
// left).
//
// A piece belongs to who claims it (claims.h), until it is done or its owner has ended: the others
// then take it over. Bytes go in by plain writes: through a map of a network file system whole
// pages would go back, and with them the old bytes of rows that another machine has written. They
// are on disk before the list says that the piece is done, and the list is written under a lock,
// for appending is not atomic between machines.
#pragma once

#include <cstdint>
#include <optional>

#include "denoscope/arrays/partial_npy.h"
#include "denoscope/files/claims.h"

namespace denoscope {

class SharedNpy {
 public:
  enum class Place { kFirst, kOther };  // the first opens, then the others, and it finishes

  // As PartialNpy; throws as its Open or Join. target.force counts for the first.
  SharedNpy(
      NpyTarget target, ElementType type, const Shape& shape, std::int64_t pieces, Place place);
  ~SharedNpy();  // where no piece is finished and nobody else at work, nothing is left
  SharedNpy(const SharedNpy&) = delete;
  SharedNpy& operator=(const SharedNpy&) = delete;

  struct Piece {
    std::int64_t index = 0;
    Claims::Claim claim;
  };
  // The next piece, from `from` on and round, that is not done and that nobody else is at.
  std::optional<Piece> Take(std::int64_t from);
  void Write(std::size_t offset, const void* bytes, std::size_t size);  // offset in the array
  void MarkDone(const Piece& piece);                                    // to disk

  bool Done(std::int64_t piece) const { return file_.Done(piece); }
  std::int64_t CountDone() const { return file_.CountDone(); }
  void Look() { file_.Look(); }  // what others have done
  bool AllDone() const { return CountDone() == file_.Pieces(); }
  void Finish();  // by the first, when all are done

 private:
  PartialNpy file_;
  std::optional<Claims> claims_;
  bool finished_ = false;
};

}  // namespace denoscope
