#include "denoscope/arrays/partial_npy.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>
#include <utility>

#include "denoscope/arrays/npy_header.h"
#include "denoscope/base/error.h"
#include "denoscope/files/shared_folder.h"

namespace denoscope {
namespace fs = std::filesystem;

PartialNpy::PartialNpy(NpyTarget target, ElementType type, const Shape& shape, std::int64_t pieces)
    : target_(std::move(target)),
      data_path_(target_.path.string() + ".partial"),
      pieces_path_(target_.path.string() + ".partial-pieces"),
      claims_path_(target_.path.string() + ".partial-claims"),
      header_(NpyHeader(type, shape)),
      size_(header_.size() + ByteCount(type, shape)),
      done_(static_cast<std::size_t>(pieces), false) {}

PartialNpy::~PartialNpy() {
  if (data_ >= 0) ::close(data_);
}

void PartialNpy::Open() {
  if (target_.force || !Continue()) Begin();
  // A line that was cut short gets an end that makes it no number, or the next would run on from
  // it.
  std::ifstream list(pieces_path_);
  list.seekg(-1, std::ios::end);
  if (list.get() != '\n') Append(" cut short\n", 0);
}

void PartialNpy::Join() {
  if (!AwaitShared([&] { return Continue(); }))
    throw Error("file '{}': is not shared, expected to see what another process began",
                data_path_.string());
}

std::int64_t PartialNpy::CountDone() const { return std::count(done_.begin(), done_.end(), true); }

bool PartialNpy::Unfinished() const { return fs::exists(pieces_path_); }

void PartialNpy::Remove() noexcept {
  std::error_code ignored;
  fs::remove(data_path_, ignored);
  fs::remove(pieces_path_, ignored);
  fs::remove(claims_path_, ignored);
}

void PartialNpy::Finish() {
  if (const std::int64_t done = CountDone(); done < Pieces())
    throw Error(
        "file '{}': {} of {} pieces are done, expected all", target_.path.string(), done, Pieces());
  if (::rename(data_path_.c_str(), target_.path.c_str()) != 0) Fail("cannot rename");
  fs::remove(pieces_path_);
  fs::remove(claims_path_);
}

// Whether there is an unfinished file of this job, which is then open.
bool PartialNpy::Continue() {
  std::ifstream list(pieces_path_);
  std::string line;
  if (!std::getline(list, line) || !fs::exists(data_path_)) return false;
  if (line != target_.job)
    throw Error(
        "file '{}': holds another unfinished job, use --force to delete it; expected {}, found {}",
        data_path_.string(),
        target_.job,
        line);
  if (fs::file_size(data_path_) != size_) return false;
  Look();
  data_ = ::open(data_path_.c_str(), O_RDWR | O_CLOEXEC);
  if (data_ < 0) Fail("cannot open");
  return true;
}

// Opened anew, for the caches of shared file systems keep what an open file was.
void PartialNpy::Look() {
  std::ifstream list(pieces_path_);
  std::string line;
  if (!std::getline(list, line)) {
    if (!Unfinished()) done_.assign(done_.size(), true);
    return;
  }
  // After a crash the list may end in a line that was cut short, or in zeros: neither is a number
  // with a line end, and what is no number is not done.
  while (std::getline(list, line) && !list.eof()) {
    std::size_t piece = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), piece);
    if (error == std::errc() && end == line.data() + line.size() && piece < done_.size())
      done_[piece] = true;
  }
}

void PartialNpy::Begin() {
  fs::remove(pieces_path_);
  data_ = ::open(data_path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (data_ < 0) Fail("cannot create");
  // Room for all of it now: a full disk under a map would be a signal, hours later.
  if (const int error = ::posix_fallocate(data_, 0, static_cast<off_t>(size_)); error != 0) {
    Remove();
    errno = error;
    Fail(fmt::format("cannot make room for {:.1f} MB", static_cast<double>(size_) / 1e6));
  }
  if (::pwrite(data_, header_.data(), header_.size(), 0) != static_cast<ssize_t>(header_.size()))
    Fail("cannot write");
  Append(target_.job + "\n", O_CREAT | O_TRUNC);
}

void PartialNpy::Note(const std::vector<std::int64_t>& pieces) {
  std::string lines;
  for (const std::int64_t piece : pieces) lines += std::to_string(piece) + "\n";
  Append(lines, 0);
}

// In one write, to disk.
void PartialNpy::Append(const std::string& lines, int flags) {
  const int list = ::open(pieces_path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0666);
  if (list < 0) Fail("cannot open the list of pieces");
  const bool written =
      ::write(list, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()) &&
      ::fsync(list) == 0;
  if (::close(list) != 0 || !written) Fail("cannot write the list of pieces");
}

void PartialNpy::Fail(const std::string& action) const {
  throw Error(
      "file '{}': {}: {}", target_.path.string(), action, std::generic_category().message(errno));
}

}  // namespace denoscope
