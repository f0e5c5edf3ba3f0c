#include "denoscope/files/atomic_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 20;

std::string Reason(int error) { return std::generic_category().message(error); }

bool WriteAll(int descriptor, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, bytes, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

class ReadDescriptor {
 public:
  explicit ReadDescriptor(const std::filesystem::path& path)
      : path_(path.string()), descriptor_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) Fail();
  }
  ~ReadDescriptor() { ::close(descriptor_); }
  ReadDescriptor(const ReadDescriptor&) = delete;
  ReadDescriptor& operator=(const ReadDescriptor&) = delete;

  std::size_t SizeHint() const {
    struct stat status = {};
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
    return static_cast<std::size_t>(status.st_size);
  }

  std::size_t Read(char* bytes, std::size_t size) {
    for (;;) {
      const ssize_t got = ::read(descriptor_, bytes, size);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) Fail();
    }
  }

 private:
  [[noreturn]] void Fail() const {
    throw Error("file '{}': cannot read: {}", path_, Reason(errno));
  }

  std::string path_;
  int descriptor_;
};

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    Check(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void Add(std::string_view bytes) {
    Check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  std::string Bytes() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
    unsigned size = 0;
    Check(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    return {digest.begin(), digest.begin() + size};
  }
  std::string Hex() {  // in small letters, where OpenSSL's own function has capitals
    std::string hex;
    for (const char byte : Bytes()) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return hex;
  }

 private:
  static void Check(bool good) {
    if (!good) throw Error("sha256: the digest failed in libcrypto");
  }
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

[[noreturn]] void FailGzip(const std::filesystem::path& path, gzFile file) {
  const int read_error = errno;
  int code = Z_OK;
  gzerror(file, &code);
  if (code == Z_ERRNO) throw Error("file '{}': cannot read: {}", path.string(), Reason(read_error));
  if (code == Z_BUF_ERROR)
    throw Error("file '{}': the gzip stream is truncated, expected its end", path.string());
  throw Error("file '{}': the gzip stream is corrupted (zlib error {})", path.string(), code);
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
  static std::atomic<unsigned> counter{0};
  const auto folder =
      target_.has_parent_path() ? target_.parent_path() : std::filesystem::path(".");
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored))
    throw Error(
        "file '{}': cannot write: there is no folder '{}'", target_.string(), folder.string());
  // A crashed process of the same id may have left a file of the same name: take the next.
  do {
    temporary_ = target_;
    temporary_ += fmt::format(".tmp-{}-{}", ::getpid(), counter++);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && (errno == EEXIST || errno == EINTR));
  if (descriptor_ < 0) {
    temporary_.clear();
    Fail();
  }
  buffer_.reserve(kBufferSize);
}

AtomicFile::~AtomicFile() { Discard(); }

void AtomicFile::Write(const void* bytes, std::size_t size) {
  const char* begin = static_cast<const char*>(bytes);
  if (buffer_.size() + size > kBufferSize) Flush();
  if (size < kBufferSize) {
    buffer_.insert(buffer_.end(), begin, begin + size);
  } else if (!WriteAll(descriptor_, begin, size)) {
    Fail();
  }
}

void AtomicFile::Commit() {
  Flush();
  if (::fsync(descriptor_) != 0) Fail();
  if (::close(std::exchange(descriptor_, -1)) != 0) Fail();
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) Fail();
  temporary_.clear();
}

void AtomicFile::Flush() {
  if (!WriteAll(descriptor_, buffer_.data(), buffer_.size())) Fail();
  buffer_.clear();
}

void AtomicFile::Discard() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

void AtomicFile::Fail() {
  const int error = errno;
  Discard();
  throw Error("file '{}': cannot write: {}", target_.string(), Reason(error));
}

void WriteFile(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.Write(content.data(), content.size());
  file.Commit();
}

std::string ReadFile(const std::filesystem::path& path) {
  ReadDescriptor file(path);
  // One byte more than its size: an unchanged file then ends without a second allocation.
  std::string content(file.SizeHint() + 1, '\0');
  std::size_t size = 0;
  while (const std::size_t got = file.Read(content.data() + size, content.size() - size)) {
    size += got;
    if (size == content.size()) content.resize(2 * size + kBufferSize);
  }
  content.resize(size);
  return content;
}

std::string ReadGzipFile(const std::filesystem::path& path) {
  errno = 0;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rbe"), gzclose_r);
  if (!file) throw Error("file '{}': cannot read: {}", path.string(), Reason(errno));
  std::string content;
  std::vector<char> buffer(kBufferSize);
  int got = 0;
  while ((got = gzread(file.get(), buffer.data(), static_cast<unsigned>(buffer.size()))) > 0)
    content.append(buffer.data(), static_cast<std::size_t>(got));
  int code = Z_OK;
  gzerror(file.get(), &code);
  // A stream cut short still gives its bytes, without a negative count: only the code tells.
  if (got < 0 || code != Z_OK) FailGzip(path, file.get());
  return content;
}

std::string Sha256Hex(std::string_view content) {
  Digest digest;
  digest.Add(content);
  return digest.Hex();
}

std::string Sha256Bytes(std::string_view content) {
  Digest digest;
  digest.Add(content);
  return digest.Bytes();
}

std::string Sha256OfFile(const std::filesystem::path& path) {
  ReadDescriptor file(path);
  Digest digest;
  std::vector<char> buffer(kBufferSize);
  while (const std::size_t got = file.Read(buffer.data(), buffer.size()))
    digest.Add({buffer.data(), got});
  return digest.Hex();
}

}  // namespace denoscope
