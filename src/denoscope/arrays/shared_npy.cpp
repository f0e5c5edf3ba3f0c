#include "denoscope/arrays/shared_npy.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace denoscope {
namespace fs = std::filesystem;

SharedNpy::SharedNpy(
    NpyTarget target, ElementType type, const Shape& shape, std::int64_t pieces, Place place)
    : file_(std::move(target), type, shape, pieces) {
  if (place == Place::kFirst)
    file_.Open();
  else
    file_.Join();
  claims_.emplace(file_.ClaimsPath());
}

SharedNpy::~SharedNpy() {
  if (finished_ || !claims_) return;
  try {
    // One leaves after the other: the last sees that it is.
    const Claims::Claim leaving = claims_->Wait("leaving");
    file_.Look();
    if (!file_.Unfinished())
      fs::remove(file_.ClaimsPath());  // made again by this claim
    else if (CountDone() == 0 && claims_->Alone())
      file_.Remove();
    claims_.reset();
  } catch (const std::exception&) {
    // What is left is gone on with or deleted next time.
  }
}

std::optional<SharedNpy::Piece> SharedNpy::Take(std::int64_t from) {
  for (std::int64_t i = 0; i < file_.Pieces(); ++i) {
    const std::int64_t piece = (from + i) % file_.Pieces();
    if (Done(piece)) continue;
    Claims::Claim claim = claims_->Try("piece " + std::to_string(piece));
    if (!claim) continue;
    Look();  // its last owner may have done it
    if (!Done(piece)) return Piece{piece, std::move(claim)};
    // The claim has made the file of claims again where all is finished by now.
    if (!file_.Unfinished()) fs::remove(file_.ClaimsPath());
  }
  return std::nullopt;
}

void SharedNpy::Write(std::size_t offset, const void* bytes, std::size_t size) {
  const char* next = static_cast<const char*>(bytes);
  auto place = static_cast<off_t>(file_.Offset() + offset);
  while (size > 0) {
    const ssize_t written = ::pwrite(file_.Descriptor(), next, size, place);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) file_.Fail("cannot write");
    next += written, place += written, size -= static_cast<std::size_t>(written);
  }
}

void SharedNpy::MarkDone(const Piece& piece) {
  if (::fdatasync(file_.Descriptor()) != 0) file_.Fail("cannot write");
  const Claims::Claim list = claims_->Wait("list");
  file_.Note({piece.index});
  file_.SetDone(piece.index);
}

void SharedNpy::Finish() {
  Look();
  file_.Finish();
  finished_ = true;
}

}  // namespace denoscope
