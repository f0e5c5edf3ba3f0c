#include "denoscope/files/zip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

// Offsets of fields in the two headers, from APPNOTE 4.3.7, 4.3.12 and 4.3.16.
constexpr std::size_t kLocalMethod = 8, kLocalName = 30;
constexpr std::size_t kFlags = 8, kMethod = 10, kCrc = 16, kPacked = 20, kSize = 24, kDisk = 34,
                      kOffset = 42;
constexpr std::size_t kEndCount = 10, kEndOffset = 16;

std::string Written(const std::vector<ZipEntry>& entries) {
  TempDir folder;
  ZipWriter zip(folder.Path("a.zip"));
  for (const ZipEntry& entry : entries)
    zip.Add(entry.name, entry.content.substr(0, 1), std::string_view(entry.content).substr(1));
  zip.Commit();
  return ReadFile(folder.Path("a.zip"));
}

std::vector<ZipEntry> Parsed(const std::string& file) {
  TempDir folder;
  WriteFile(folder.Path("a.zip"), file);
  return ReadZip(folder.Path("a.zip"));
}

void Put(std::string& file, std::size_t at, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) file.at(at + i) = static_cast<char>(value >> (8 * i));
}

std::string Deflated(const std::string& content) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// A file with one entry of method 8 whose directory claims `size` and the checksum of `content`.
std::string DeflatedFile(const std::string& content, std::uint32_t size) {
  const std::string packed = Deflated(content);
  std::string file = Written({{"a", packed}});
  const std::size_t central = kLocalName + 1 + packed.size();
  const auto crc = static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
  Put(file, kLocalMethod, 8, 2);
  Put(file, 22, size, 4);
  Put(file, central + kMethod, 8, 2);
  Put(file, central + kCrc, crc, 4);
  Put(file, central + kSize, size, 4);
  return file;
}

class ChangedZip : public testing::Test {
 protected:
  // One entry 'a' of 5 bytes: local header at 0, directory at 36, end record at 83.
  std::string file_ = Written({{"a", "12345"}});
  const std::size_t central_ = 36, end_ = 83;

  void ExpectRefused(std::initializer_list<std::string> pieces) {
    ExpectError([&] { Parsed(file_); }, {"zip '", "a.zip'"});
    ExpectError([&] { Parsed(file_); }, pieces);
  }
};

TEST(Zip, RoundTrip) {
  const std::vector<ZipEntry> entries = {{"b.npy", "second letter first"},
                                         {"a/t\xc3\xa4.bin", std::string(70000, 'x')}};
  const auto read = Parsed(Written(entries));
  ASSERT_EQ(read.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(read[i].name, entries[i].name);
    EXPECT_EQ(read[i].content, entries[i].content);
  }
}

TEST(Zip, EmptyEntriesAndFilesRoundTrip) {
  TempDir folder;
  ZipWriter zip(folder.Path("a.zip"));
  zip.Add("head", "h", "");
  zip.Add("body", "", "b");
  zip.Add("none", "", "");
  zip.Commit();
  const auto read = ReadZip(folder.Path("a.zip"));
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].content + read[1].content + read[2].content, "hb");
  EXPECT_TRUE(Parsed(Written({})).empty());
}

TEST(Zip, WithoutCommitNothingRemains) {
  TempDir folder;
  { ZipWriter(folder.Path("a.zip")).Add("a", "b", "c"); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.Path()));
}

TEST(Zip, WriterRefusesBadNames) {
  TempDir folder;
  ZipWriter zip(folder.Path("a.zip"));
  zip.Add("a", "", "");
  ExpectError([&] { zip.Add("a", "", ""); }, {"a.zip", "entry 'a'", "twice"});
  ExpectError([&] { zip.Add("", "", ""); }, {"a.zip", "expected a name"});
  ExpectError([&] { zip.Add(std::string(65536, 'x'), "", ""); }, {"found 65536"});
}

TEST(Zip, RefusesEveryTruncation) {
  const std::string file = Written({{"a", "some content"}, {"b", "more"}});
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_THROW(Parsed(file.substr(0, size)), Error) << size;
}

TEST(Zip, SurvivesEveryChangedByte) {
  const std::string file = DeflatedFile(std::string(300, 'x') + "y", 301);
  ASSERT_EQ(Parsed(file)[0].content.size(), 301u);
  for (std::size_t i = 0; i < file.size(); ++i)
    for (const int value : {0, 1, 0x7f, 0xff}) {
      std::string changed = file;
      changed[i] = static_cast<char>(value);
      try {
        Parsed(changed);
      } catch (const Error&) {
      }
    }
}

TEST(Zip, ReadsAFileWithAComment) {
  std::string file = Written({{"a", "content"}});
  Put(file, file.size() - 2, 3, 2);
  EXPECT_EQ(Parsed(file + "hey")[0].content, "content");
}

TEST(Zip, InflatesExactlyTheSizeInTheDirectory) {
  const std::string content(1000, 'x');
  EXPECT_EQ(Parsed(DeflatedFile(content, 1000))[0].content, content);
  for (const std::uint32_t size : {0u, 999u, 1001u})
    ExpectError([&] { Parsed(DeflatedFile(content, size)); },
                {"entry 'a'", "inflates to " + std::to_string(size)});
  ExpectError([&] { Parsed(DeflatedFile(content, 0xfffffff0u)); },
              {"entry 'a'", "expected 4294967280 bytes"});
  EXPECT_EQ(Parsed(DeflatedFile("", 0))[0].content, "");
}

TEST_F(ChangedZip, WrongChecksum) {
  file_[kLocalName + 2] ^= 1;
  ExpectRefused({"entry 'a'", "expected checksum cbf53a1c, found"});
}

TEST_F(ChangedZip, Encryption) {
  Put(file_, central_ + kFlags, 1, 2);
  ExpectRefused({"entry 'a'", "encryption"});
}

TEST_F(ChangedZip, OtherMethod) {
  Put(file_, central_ + kMethod, 12, 2);
  ExpectRefused({"entry 'a'", "expected method 0 or 8", "found 12"});
}

TEST_F(ChangedZip, SizesBeyondTheFile) {
  Put(file_, central_ + kPacked, 1000, 4);
  Put(file_, central_ + kSize, 1000, 4);
  ExpectRefused({"entry 'a'", "expected 1000 bytes at byte 31, found 5"});
}

TEST_F(ChangedZip, StoredSizesThatDiffer) {
  Put(file_, central_ + kSize, 4, 4);
  ExpectRefused({"entry 'a'", "expected 4 stored bytes, found 5"});
}

TEST_F(ChangedZip, LocalSizesThatDiffer) {
  Put(file_, 18, 4, 4);
  ExpectRefused({"entry 'a'", "sizes in its local header"});
}

TEST_F(ChangedZip, LocalNameThatDiffers) {
  file_[kLocalName] = 'b';
  ExpectRefused({"entry 'a'", "name and method in its local header"});
}

TEST_F(ChangedZip, LocalHeaderElsewhere) {
  for (const std::uint32_t offset : {1u, 36u, 0xfffffff0u}) {
    Put(file_, central_ + kOffset, offset, 4);
    ExpectRefused({"entry 'a'", "local header at byte " + std::to_string(offset)});
  }
}

TEST_F(ChangedZip, Zip64) {
  Put(file_, central_ + kSize, 0xffffffffu, 4);
  ExpectRefused({"entry 'a'", "zip64"});
}

TEST_F(ChangedZip, Zip64AtTheEnd) {
  Put(file_, end_ + kEndOffset, 0xffffffffu, 4);
  ExpectRefused({"zip64"});
}

TEST_F(ChangedZip, SeveralDisks) {
  Put(file_, central_ + kDisk, 1, 2);
  ExpectRefused({"entry 'a'", "disk"});
}

TEST_F(ChangedZip, MoreEntriesThanTheDirectoryHolds) {
  Put(file_, end_ + kEndCount - 2, 60000, 2);
  Put(file_, end_ + kEndCount, 60000, 2);
  ExpectRefused({"expected a directory record at byte 83, found none"});
}

TEST_F(ChangedZip, DirectoryBeyondTheFile) {
  Put(file_, end_ + kEndOffset, 1000, 4);
  ExpectRefused({"truncated", "directory of 47 bytes at 1000"});
}

TEST_F(ChangedZip, NotAZipFile) {
  file_ = std::string(100, 'x');
  ExpectRefused({"end-of-directory record"});
}

// Two names for the same bytes: a small file would unpack to a large one.
TEST(Zip, RefusesOverlappingEntries) {
  std::string file = Written({{"a", "12345"}, {"b", "12345"}});
  const std::size_t second = 2 * 36 + 47;
  Put(file, second + kOffset, 0, 4);
  file[second + 46] = 'a';
  ExpectError([&] { Parsed(file); }, {"entry 'a'", "twice"});
  file[second + 46] = 'b';
  ExpectError([&] { Parsed(file); }, {"entry 'b'", "local header"});
}

}  // namespace
}  // namespace denoscope
