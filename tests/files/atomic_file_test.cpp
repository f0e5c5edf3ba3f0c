#include "denoscope/files/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zlib.h>

#include <csignal>

#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

bool IsEmpty(const TempDir& folder) { return std::filesystem::is_empty(folder.Path()); }

// Stands for a full disk: a write beyond `bytes` fails.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_ = {};
  void (*handler_)(int);
};

std::string Gzip(const TempDir& folder, const std::string& content) {
  const auto path = folder.Path("made.gz");
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  return ReadFile(path);
}

TEST(AtomicFile, WrittenFilesReadBack) {
  TempDir folder;
  for (const std::size_t size : {0u, 1u, 1u << 20, (1u << 20) + 1, 5u << 20}) {
    std::string content(size, '\0');
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 7 + i / 251);
    WriteFile(folder.Path("a"), content);
    EXPECT_EQ(ReadFile(folder.Path("a")), content) << size;
  }
}

TEST(AtomicFile, PiecesOfAllSizesKeepTheirOrder) {
  TempDir folder;
  std::string expected;
  AtomicFile file(folder.Path("a"));
  for (std::size_t i = 0; i < 12; ++i) {
    const std::string piece((std::size_t{1} << (2 * i)) % 3000001 + i, static_cast<char>('a' + i));
    file.Write(piece.data(), piece.size());
    expected += piece;
  }
  EXPECT_FALSE(std::filesystem::exists(folder.Path("a")));
  file.Commit();
  EXPECT_EQ(ReadFile(folder.Path("a")), expected);
}

TEST(AtomicFile, ReplacesOnlyOnCommit) {
  TempDir folder;
  WriteFile(folder.Path("a"), "old");
  {
    AtomicFile file(folder.Path("a"));
    file.Write("new", 3);
  }
  EXPECT_EQ(ReadFile(folder.Path("a")), "old");
  WriteFile(folder.Path("a"), "new");
  EXPECT_EQ(ReadFile(folder.Path("a")), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.Path()), {}), 1);
}

TEST(AtomicFile, WithoutCommitNothingRemains) {
  TempDir folder;
  { AtomicFile file(folder.Path("a")); }
  EXPECT_TRUE(IsEmpty(folder));
}

TEST(AtomicFile, FullDiskIsAnErrorAndLeavesNothing) {
  TempDir folder;
  const std::string small(1000, 'x'), large(3 << 20, 'x');
  for (const std::string& content : {small, large}) {
    FileSizeLimit limit(100);
    ExpectError([&] { WriteFile(folder.Path("a"), content); },
                {"file '" + folder.Path("a").string() + "': cannot write: File too large"});
    EXPECT_TRUE(IsEmpty(folder));
  }
}

// Half a buffer may be on disk when a write fails; going on would write that half twice.
TEST(AtomicFile, IsOfNoUseAfterAFailedWrite) {
  TempDir folder;
  AtomicFile file(folder.Path("a"));
  const std::string content(2 << 20, 'x');
  {
    FileSizeLimit limit(100);
    EXPECT_THROW(file.Write(content.data(), content.size()), Error);
  }
  EXPECT_THROW(file.Commit(), Error);
  EXPECT_TRUE(IsEmpty(folder));
}

TEST(AtomicFile, ASecondCommitIsAnError) {
  TempDir folder;
  AtomicFile file(folder.Path("a"));
  file.Commit();
  EXPECT_THROW(file.Commit(), Error);
  EXPECT_TRUE(std::filesystem::exists(folder.Path("a")));
}

TEST(AtomicFile, MissingFolderIsNamed) {
  TempDir folder;
  ExpectError([&] { WriteFile(folder.Path("no/a"), ""); },
              {folder.Path("no/a").string(), "there is no folder", folder.Path("no").string()});
}

TEST(AtomicFile, AFolderAsTargetIsAnErrorAndLeavesNothing) {
  TempDir folder;
  std::filesystem::create_directory(folder.Path("a"));
  ExpectError([&] { WriteFile(folder.Path("a"), "x"); }, {"cannot write", "directory"});
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.Path()), {}), 1);
}

TEST(ReadFile, NamesWhatItCannotRead) {
  TempDir folder;
  ExpectError([&] { ReadFile(folder.Path("no")); },
              {folder.Path("no").string(), "cannot read: No such file"});
  ExpectError([&] { ReadFile(folder.Path()); }, {"cannot read: Is a directory"});
}

TEST(ReadFile, ReadsFilesWithoutASize) { EXPECT_FALSE(ReadFile("/proc/self/status").empty()); }

TEST(ReadGzipFile, ReadsPlainAndCompressed) {
  TempDir folder;
  std::string content;
  for (unsigned i = 0; i < 400000; ++i) content += static_cast<char>(i * i / 7);
  WriteFile(folder.Path("plain"), content);
  WriteFile(folder.Path("packed"), Gzip(folder, content));
  EXPECT_EQ(ReadGzipFile(folder.Path("plain")), content);
  EXPECT_EQ(ReadGzipFile(folder.Path("packed")), content);
  WriteFile(folder.Path("empty"), "");
  EXPECT_EQ(ReadGzipFile(folder.Path("empty")), "");
}

TEST(ReadGzipFile, RefusesEveryTruncation) {
  TempDir folder;
  const std::string packed = Gzip(folder, "the content of a file, the content of a file");
  // The first two bytes make a gzip file: one alone is a plain file.
  for (std::size_t size = 2; size < packed.size(); ++size) {
    WriteFile(folder.Path("cut"), packed.substr(0, size));
    ExpectError([&] { ReadGzipFile(folder.Path("cut")); },
                {folder.Path("cut").string(), "truncated"});
  }
}

TEST(ReadGzipFile, RefusesACorruptedStream) {
  TempDir folder;
  std::string packed = Gzip(folder, "the content of a file");
  packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1);  // checksum
  WriteFile(folder.Path("bad"), packed);
  ExpectError([&] { ReadGzipFile(folder.Path("bad")); },
              {folder.Path("bad").string(), "corrupted"});
}

TEST(ReadGzipFile, NamesWhatItCannotRead) {
  TempDir folder;
  ExpectError([&] { ReadGzipFile(folder.Path("no")); }, {"cannot read: No such file"});
  ExpectError([&] { ReadGzipFile(folder.Path()); }, {"cannot read"});
}

TEST(Sha256Hex, KnownAnswers) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace denoscope
