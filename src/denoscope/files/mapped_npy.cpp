#include "denoscope/files/mapped_npy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>

#include "denoscope/base/error.h"
#include "denoscope/files/npy_header.h"

namespace denoscope {
namespace fs = std::filesystem;

MappedNpy::MappedNpy(fs::path target,
                     ElementType type,
                     const Shape& shape,
                     const std::string& job,
                     std::int64_t pieces,
                     bool force)
    : target_(std::move(target)),
      data_path_(target_.string() + ".partial"),
      pieces_path_(target_.string() + ".partial-pieces"),
      done_(static_cast<std::size_t>(pieces), false) {
  const std::string header = NpyHeader(type, shape);
  offset_ = header.size();
  size_ = offset_ + ByteCount(type, shape);
  try {
    if (force || !Continue(job)) Begin(header, job);
    Map();
  } catch (...) {
    Close();
    throw;
  }
}

MappedNpy::~MappedNpy() {
  try {
    if (!waiting_.empty()) Flush();
  } catch (const Error&) {
    // What could not be noted is done again.
  }
  if (CountDone() == 0) Remove();
  Close();
}

void MappedNpy::Remove() noexcept {
  std::error_code ignored;
  fs::remove(data_path_, ignored);
  fs::remove(pieces_path_, ignored);
}

std::int64_t MappedNpy::CountDone() const { return std::count(done_.begin(), done_.end(), true); }

void MappedNpy::MarkDone(std::int64_t piece) {
  done_[static_cast<std::size_t>(piece)] = true;
  waiting_.push_back(piece);
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - flushed_;
  if (since.count() > kFlushSeconds) Flush();
}

void MappedNpy::Finish() {
  if (const std::int64_t done = CountDone(); done < static_cast<std::int64_t>(done_.size()))
    throw Error(
        "file '{}': {} of {} pieces are done, expected all", target_.string(), done, done_.size());
  Flush();
  if (::rename(data_path_.c_str(), target_.c_str()) != 0) Fail("cannot rename");
  fs::remove(pieces_path_);
}

// Whether there is an unfinished file of this job, which is then open.
bool MappedNpy::Continue(const std::string& job) {
  std::ifstream journal(pieces_path_);
  std::string line;
  if (!std::getline(journal, line) || !fs::exists(data_path_)) return false;
  if (line != job)
    throw Error(
        "file '{}': holds another unfinished job, use --force to delete it; expected {}, found {}",
        data_path_.string(),
        job,
        line);
  if (fs::file_size(data_path_) != size_) return false;
  // After a crash the list may end in a line that was cut short, or in zeros: neither is a number
  // with a line end, and what is no number is not done.
  while (std::getline(journal, line) && !journal.eof()) {
    std::size_t piece = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), piece);
    if (error == std::errc() && end == line.data() + line.size() && piece < done_.size())
      done_[piece] = true;
  }
  data_ = ::open(data_path_.c_str(), O_RDWR | O_CLOEXEC);
  if (data_ < 0) Fail("cannot open");
  journal_ = ::open(pieces_path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (journal_ < 0) Fail("cannot open the list of pieces");
  return true;
}

void MappedNpy::Begin(const std::string& header, const std::string& job) {
  fs::remove(pieces_path_);
  data_ = ::open(data_path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (data_ < 0) Fail("cannot create");
  // Room for all of it now: a full disk under a map would be a signal, hours later.
  if (const int error = ::posix_fallocate(data_, 0, static_cast<off_t>(size_)); error != 0) {
    Remove();
    errno = error;
    Fail(fmt::format("cannot make room for {:.1f} MB", static_cast<double>(size_) / 1e6));
  }
  if (::pwrite(data_, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size()))
    Fail("cannot write");
  journal_ = ::open(pieces_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (journal_ < 0) Fail("cannot create the list of pieces");
  const std::string first = job + "\n";
  if (::write(journal_, first.data(), first.size()) != static_cast<ssize_t>(first.size()))
    Fail("cannot write the list of pieces");
}

void MappedNpy::Map() {
  void* map = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, data_, 0);
  if (map == MAP_FAILED) Fail("cannot map");
  map_ = static_cast<char*>(map);
}

// The pieces first, then the note that they are done.
void MappedNpy::Flush() {
  if (::msync(map_, size_, MS_SYNC) != 0) Fail("cannot write");
  std::string lines;
  for (const std::int64_t piece : waiting_) lines += std::to_string(piece) + "\n";
  if (::write(journal_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()) ||
      ::fsync(journal_) != 0)
    Fail("cannot write the list of pieces");
  waiting_.clear();
  flushed_ = std::chrono::steady_clock::now();
}

void MappedNpy::Close() noexcept {
  if (map_ != nullptr) ::munmap(map_, size_);
  if (data_ >= 0) ::close(data_);
  if (journal_ >= 0) ::close(journal_);
}

void MappedNpy::Fail(const std::string& action) {
  throw Error(
      "file '{}': {}: {}", target_.string(), action, std::generic_category().message(errno));
}

}  // namespace denoscope
