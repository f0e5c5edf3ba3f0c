#include "denoscope/files/zip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/support/counting_source.h"
#include "tests/support/expect_error.h"
#include "tests/support/python.h"
#include "tests/support/temp_dir.h"
#include "tests/support/zip_bytes.h"

namespace denoscope {
namespace {

// Offsets of fields in the two headers, from APPNOTE 4.3.7, 4.3.12 and 4.3.16.
constexpr std::size_t kLocalMethod = 8, kLocalName = 30;
constexpr std::size_t kFlags = 8, kMethod = 10, kCrc = 16, kPacked = 20, kSize = 24, kDisk = 34,
                      kOffset = 42;
constexpr std::size_t kEndCount = 10, kEndOffset = 16;

struct Content {
  std::string name, content;
};

std::string Written(const std::vector<Content>& entries) {
  TempDir folder;
  ZipWriter zip(folder.Path("a.zip"));
  for (const Content& entry : entries)
    zip.Add(entry.name, entry.content.substr(0, 1), std::string_view(entry.content).substr(1));
  zip.Commit();
  return ReadFile(folder.Path("a.zip"));
}

std::vector<Content> AllOf(const ZipArchive& zip) {
  std::vector<Content> entries;
  for (const ZipEntry& entry : zip.Entries()) entries.push_back({entry.name, zip.Read(entry)});
  return entries;
}

std::vector<Content> Parsed(const std::string& file) {
  return AllOf(ZipArchive(MemorySource("a.zip", file)));
}

void Put(std::string& file, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i, value >>= 8) file.at(at + i) = static_cast<char>(value);
}

// A file with one entry of method 8 whose directory claims `size` and the checksum of `content`.
std::string DeflatedFile(const std::string& content, std::uint32_t size) {
  const std::string packed = Deflated(content);
  std::string file = Written({{"a", packed}});
  const std::size_t central = kLocalName + 1 + packed.size();
  Put(file, kLocalMethod, 8, 2);
  Put(file, 22, size, 4);
  Put(file, central + kMethod, 8, 2);
  Put(file, central + kCrc, ZipChecksum(content), 4);
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
  const std::vector<Content> entries = {{"b.npy", "second letter first"},
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
  const auto read = AllOf(ZipArchive(OpenFile(folder.Path("a.zip"))));
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
  ExpectError([&] { zip.Add("../b", "", ""); }, {"a.zip", "entry '../b'", "found '..'"});
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

TEST_F(ChangedZip, Zip64WithoutItsExtraField) {
  Put(file_, central_ + kSize, 0xffffffffu, 4);
  ExpectRefused({"entry 'a'", "zip64"});
}

TEST_F(ChangedZip, Zip64WithoutItsLocator) {
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

TEST_F(ChangedZip, Names) {
  const std::vector<std::pair<std::string, std::string>> troubles = {
      {"/etc/passwd", "an absolute path"},
      {"..", "'..'"},
      {"../b", "'..'"},
      {"b/..", "'..'"},
      {"b/../../c", "'..'"},
      {"b\\c", "a backslash"},
      {"b\nc", "a control character"},
      {std::string("b\0c", 3), "a control character"},
      {"b\x7f", "a control character"}};
  for (const auto& [name, trouble] : troubles) {
    SCOPED_TRACE(name);
    file_ = Written({{std::string(name.size(), 'x'), "12345"}});
    for (std::size_t at = 0; (at = file_.find(std::string(name.size(), 'x'), at)) < file_.size();)
      file_.replace(at, name.size(), name);
    ExpectRefused({"entry '", "expected a plain relative path as name, found " + trouble});
  }
}

TEST_F(ChangedZip, EmptyName) {
  file_.erase(central_ + 46, 1).erase(kLocalName, 1);
  Put(file_, 26, 0, 2);
  Put(file_, central_ - 1 + 28, 0, 2);
  Put(file_, end_ - 2 + 12, 46, 4);
  Put(file_, end_ - 2 + kEndOffset, central_ - 1, 4);
  ExpectRefused({"entry ''", "found an empty name"});
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

// The second entry lies in the content of the first.
TEST(Zip, RefusesNestedEntries) {
  const std::string inner = Written({{"b", "12345"}});
  std::string file = Written({{"a", inner.substr(0, 36)}, {"b", "12345"}});
  const std::size_t central = 30 + 1 + 36 + 36;
  ASSERT_EQ(Parsed(file).size(), 2u);
  Put(file, central + 47 + kOffset, 31, 4);
  ExpectError([&] { Parsed(file); }, {"entry 'b'", "expected entries apart", "with 'a'"});
}

TEST(Zip, FindsEntriesByName) {
  const std::string file = Written({{"a", "first"}, {"b/c", "second"}});
  const ZipArchive zip(MemorySource("a.zip", file));
  EXPECT_EQ(zip.Find("a/b"), nullptr);
  const ZipEntry* entry = zip.Find("b/c");
  ASSERT_NE(entry, nullptr);
  EXPECT_TRUE(entry->stored);
  EXPECT_EQ(file.substr(entry->offset, entry->size), "second");
  EXPECT_EQ(ZipChecksum("second"), entry->crc);
}

TEST(Zip, ReadsNoMoreThanAllowed) {
  const std::string file = DeflatedFile(std::string(1000, 'x'), 1000);
  const ZipArchive zip(MemorySource("a.zip", file));
  EXPECT_EQ(zip.Read(zip.Entries()[0], 1000).size(), 1000u);
  ExpectError([&] { zip.Read(zip.Entries()[0], 999); },
              {"zip 'a.zip'", "entry 'a'", "at most 999 bytes, found 1000"});
}

TEST(Zip, OpeningReadsHeadersAlone) {
  const auto source = std::make_shared<CountingSource>(
      "a.zip", Written({{"a", std::string(400000, 'x')}, {"b", std::string(400000, 'y')}}));
  const ZipArchive zip(source);
  EXPECT_LT(source->BytesRead(), 70000u);  // the longest comment that an end record may have
  source->reads.clear();
  EXPECT_EQ(zip.Read(zip.Entries()[1]), std::string(400000, 'y'));
  EXPECT_EQ(source->BytesRead(), 400000u);
}

TEST(Zip, InflatesWhatIsLongerThanOnePiece) {
  std::string content;
  for (std::uint32_t i = 0; content.size() < (5u << 20); ++i)
    content += static_cast<char>(i * i * 2654435761u >> 21);
  const std::string file = DeflatedFile(content, static_cast<std::uint32_t>(content.size()));
  ASSERT_GT(file.size(), 1u << 20);
  EXPECT_TRUE(Parsed(file)[0].content == content);
}

TEST(Zip, ChecksumIsZlibs) {
  EXPECT_EQ(ZipChecksum("123456789"), 0xcbf43926u);
  EXPECT_EQ(ZipChecksum("456789", ZipChecksum("123")), 0xcbf43926u);
  EXPECT_EQ(ZipChecksum("", 7), 7u);
}

// Sizes in a descriptor after the content, as of writers that cannot seek, and local headers padded
// so that the content is aligned, as of PyTorch.
TEST(Zip, ReadsDescriptorsAndPaddedLocalHeaders) {
  std::string file = Written({{"a", "12345"}});
  Put(file, 6, 8, 2);
  Put(file, 14, 0, 8);
  Put(file, 22, 0, 4);
  Put(file, 28, 33, 2);
  file.insert(36, "PK\7\10 and 12 more");
  file.insert(31, std::string("FB\35\0", 4) + std::string(29, '\0'));
  Put(file, file.size() - 22 + kEndOffset, 36 + 33 + 16, 4);
  ASSERT_EQ(Parsed(file).size(), 1u);
  EXPECT_EQ(Parsed(file)[0].content, "12345");
}

std::string Number(std::uint64_t value, std::size_t size) {
  std::string bytes(size, '\0');
  Put(bytes, 0, value, size);
  return bytes;
}

// One entry 'a' of 5 bytes with every size and place in its zip64 form.
class Zip64 : public testing::Test {
 protected:
  const std::string all_ = std::string(4, '\xff');
  // Extra field of the directory, the zip64 end record, its locator and the end record.
  std::string extra_ = Number(1, 2) + Number(24, 2) + Number(5, 8) + Number(5, 8) + Number(0, 8);
  std::string end64_ = Number(0x06064b50, 4) + Number(44, 8) + Number(45, 2) + Number(45, 2) +
                       Number(0, 8) + Number(1, 8) + Number(1, 8);
  std::string end_ = Number(0x06054b50, 4) + Number(0, 4) + all_ + all_ + all_ + Number(0, 2);
  std::string sizes_ = all_ + all_, place_ = all_;  // in the directory
  std::uint64_t locator_shift_ = 0, disks_ = 1;

  std::string File() const {
    const std::string crc = Number(ZipChecksum("12345"), 4);
    const std::string local = Number(0x04034b50, 4) + Number(45, 2) + Number(0, 8) + crc + all_ +
                              all_ + Number(1, 2) + Number(20, 2) + "a" + Number(1, 2) +
                              Number(16, 2) + Number(5, 8) + Number(5, 8) + "12345";
    const std::string central = Number(0x02014b50, 4) + Number(45, 2) + Number(45, 2) +
                                Number(0, 8) + crc + sizes_ + Number(1, 2) +
                                Number(extra_.size(), 2) + Number(0, 10) + place_ + "a" + extra_;
    std::string file = local + central;
    const std::size_t end64 = file.size();
    file += end64_;
    if (end64_.size() == 40) file += Number(central.size(), 8) + Number(local.size(), 8);
    file += Number(0x07064b50, 4) + Number(0, 4) + Number(end64 + locator_shift_, 8) +
            Number(disks_, 4);
    return file + end_;
  }

  void ExpectRefused(std::initializer_list<std::string> pieces) {
    ExpectError([&] { Parsed(File()); }, pieces);
  }
};

TEST_F(Zip64, IsRead) {
  const std::string file = File();
  const ZipArchive zip(MemorySource("a.zip", file));
  ASSERT_EQ(zip.Entries().size(), 1u);
  EXPECT_EQ(zip.Read(zip.Entries()[0]), "12345");
  EXPECT_EQ(zip.Entries()[0].packed, 5u);
}

TEST_F(Zip64, FillsOnlyWhatTheRecordLeavesOut) {
  sizes_ = Number(5, 4) + Number(5, 4);
  extra_ = "FB" + Number(3, 2) + Number(0, 3) + Number(1, 2) + Number(8, 2) + Number(0, 8);
  EXPECT_EQ(Parsed(File())[0].content, "12345");
  place_ = Number(0, 4);
  EXPECT_EQ(Parsed(File())[0].content, "12345");
}

// As PyTorch writes even its small files.
TEST_F(Zip64, EndRecordsMayRepeatWhatFits) {
  const std::string file = File();
  const std::uint64_t place = 31 + 20 + 5;
  end_ = Number(0x06054b50, 4) + Number(0, 4) + Number(1, 2) + Number(1, 2) +
         Number(file.find(end64_) - place, 4) + Number(place, 4) + Number(0, 2);
  EXPECT_EQ(Parsed(File())[0].content, "12345");
  Put(end_, kEndCount, 2, 2);
  ExpectRefused({"zip 'a.zip'", "end record to agree with zip64's"});
}

TEST_F(Zip64, RefusesEveryTruncation) {
  const std::string file = File();
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_THROW(Parsed(file.substr(0, size)), Error) << size;
}

TEST_F(Zip64, SurvivesEveryChangedByte) {
  const std::string file = File();
  for (std::size_t i = 0; i < file.size(); ++i)
    for (int value = 0; value < 256; ++value) {
      std::string changed = file;
      changed[i] = static_cast<char>(value);
      try {
        Parsed(changed);
      } catch (const Error&) {
      }
    }
}

TEST_F(Zip64, ExtraFieldsThatAreTooShort) {
  Put(extra_, 2, 16, 2);
  ExpectRefused({"entry 'a'", "zip64 extra field"});
  Put(extra_, 2, 24, 2);
  extra_.resize(27);
  ExpectRefused({"entry 'a'", "zip64 extra field"});
}

TEST_F(Zip64, HugeSizes) {
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 60;
  Put(extra_, 4, kHuge, 8);
  Put(extra_, 12, kHuge, 8);
  ExpectRefused({"entry 'a'", "truncated: expected 1152921504606846976 bytes at byte 51, found 5"});
  Put(extra_, 20, UINT64_MAX, 8);
  ExpectRefused({"entry 'a'", "local header at byte 18446744073709551615"});
}

TEST_F(Zip64, HugeDirectories) {
  end64_ += Number(UINT64_MAX, 8) + Number(56, 8);
  ExpectRefused({"truncated", "directory of 18446744073709551615 bytes at 56"});
  Put(end64_, 40, std::uint64_t{1} << 40, 8);
  Put(end64_, 24, std::uint64_t{1} << 60, 8);
  Put(end64_, 32, std::uint64_t{1} << 60, 8);
  ExpectRefused({"truncated", "directory of 1099511627776 bytes at 56"});
}

TEST_F(Zip64, MoreEntriesThanTheDirectoryHolds) {
  Put(end64_, 24, std::uint64_t{1} << 60, 8);
  Put(end64_, 32, std::uint64_t{1} << 60, 8);
  ExpectRefused({"expected a directory record at byte", "found none"});
}

TEST_F(Zip64, LocatorsThatPointElsewhere) {
  for (const std::uint64_t shift : {std::uint64_t{1}, std::uint64_t{1} << 60, UINT64_MAX}) {
    locator_shift_ = shift;
    ExpectRefused({"expected a zip64 end record"});
  }
}

TEST_F(Zip64, SeveralDisks) {
  disks_ = 2;
  ExpectRefused({"expected one disk"});
  disks_ = 1;
  Put(end64_, 16, 1, 4);
  ExpectRefused({"expected one disk"});
}

TEST(Zip, ReadsWhatPythonWrites) {
  if (!NumpyPython()) GTEST_SKIP() << "neither /usr/bin/python3 nor python3 can import numpy";
  const TempDir folder;
  const PythonResult result = RunNumpy(folder, R"(
import io, zipfile
class Stream(io.RawIOBase):
    content = b''
    def writable(self): return True
    def write(self, b): Stream.content += bytes(b); return len(b)
for method, name in ((zipfile.ZIP_STORED, 'stored'), (zipfile.ZIP_DEFLATED, 'deflated')):
    Stream.content = b''
    with zipfile.ZipFile(Stream(), 'w', method) as z:
        with z.open('folder/a', 'w', force_zip64=True) as f: f.write(b'first' * 100)
        z.writestr('b', b'second')
        z.writestr('folder/', b'')
        z.comment = b'a comment'
    open(name, 'wb').write(Stream.content)
)");
  ASSERT_EQ(result.status, 0) << result.output;
  for (const std::string name : {"stored", "deflated"}) {
    const auto read = AllOf(ZipArchive(OpenFile(folder.Path(name))));
    ASSERT_EQ(read.size(), 3u);
    EXPECT_EQ(read[0].name, "folder/a");
    EXPECT_EQ(read[0].content.size(), 500u);
    EXPECT_EQ(read[1].content, "second");
    EXPECT_EQ(read[2].content, "");
  }
}

}  // namespace
}  // namespace denoscope
