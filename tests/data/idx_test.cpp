#include "denoscope/data/idx.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

using namespace std::string_literals;  // the bytes of these files hold zeros

// Shape (2,3), bytes 1 to 6.
const std::string kTwoByThree =
    "\x00\x00\x08\x02\x00\x00\x00\x02\x00\x00\x00\x03\x01\x02\x03\x04\x05\x06"s;

void ExpectTwoByThree(const Array& a) {
  EXPECT_EQ(a.type, ElementType::kUint8);
  EXPECT_EQ(a.shape, Shape({2, 3}));
  EXPECT_EQ(a.bytes, std::vector<std::uint8_t>({1, 2, 3, 4, 5, 6}));
}

void ExpectRefused(const std::string& content, std::initializer_list<std::string> pieces) {
  ExpectError([&] { ParseIdx(content, "some.idx"); }, {"'some.idx'"});
  ExpectError([&] { ParseIdx(content, "some.idx"); }, pieces);
}

TEST(Idx, ReadsAKnownFile) { ExpectTwoByThree(ParseIdx(kTwoByThree, "known")); }

TEST(Idx, SizesAreBigEndian) {
  const std::string content = "\x00\x00\x08\x01\x00\x00\x01\x02"s + std::string(258, 'x');
  EXPECT_EQ(ParseIdx(content, "known").shape, Shape({258}));
}

TEST(Idx, ReadsOneToFourDimensionsAndNoElements) {
  EXPECT_EQ(ParseIdx("\x00\x00\x08\x01\x00\x00\x00\x00"s, "empty").shape, Shape({0}));
  std::string content = "\x00\x00\x08\x04"s;
  for (int i = 0; i < 4; ++i) content += "\x00\x00\x00\x01"s;
  EXPECT_EQ(ParseIdx(content + "x", "four").shape, Shape({1, 1, 1, 1}));
}

TEST(Idx, ReadsPlainAndGzipFilesAlike) {
  const TempDir folder;
  WriteFile(folder.Path("plain"), kTwoByThree);
  const std::string packed = folder.Path("packed.gz").string();
  gzFile file = gzopen(packed.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(gzwrite(file, kTwoByThree.data(), static_cast<unsigned>(kTwoByThree.size())),
            static_cast<int>(kTwoByThree.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
  ExpectTwoByThree(ReadIdx(folder.Path("plain")));
  ExpectTwoByThree(ReadIdx(packed));
}

TEST(Idx, RefusesATruncatedGzipFile) {
  const TempDir folder;
  const std::string packed = folder.Path("packed.gz").string();
  gzFile file = gzopen(packed.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  gzwrite(file, kTwoByThree.data(), static_cast<unsigned>(kTwoByThree.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
  const std::string whole = ReadFile(packed);
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2}) {
    WriteFile(packed, whole.substr(0, size));
    ExpectError([&] { ReadIdx(packed); }, {"packed.gz"});
  }
}

TEST(Idx, RefusesEveryOtherMagicNumber) {
  ExpectRefused("", {"magic number"});
  ExpectRefused("\x00\x00\x08"s, {"magic number"});
  ExpectRefused("\x01\x00\x08\x01\x00\x00\x00\x00"s, {"magic number"});
  ExpectRefused("\x00\x01\x08\x01\x00\x00\x00\x00"s, {"magic number"});
  ExpectRefused("\x00\x00\x0d\x01\x00\x00\x00\x00"s, {"magic number", "unsigned bytes"});  // floats
  ExpectRefused("\x1f\x8b\x08\x00 still packed"s, {"magic number"});
}

TEST(Idx, RefusesNoneAndMoreThanFourDimensions) {
  ExpectRefused("\x00\x00\x08\x00"s, {"1 to 4 dimensions", "found 0"});
  ExpectRefused("\x00\x00\x08\x05"s + std::string(20, '\0'), {"1 to 4 dimensions", "found 5"});
  ExpectRefused("\x00\x00\x08\xff"s + std::string(20, '\0'), {"1 to 4 dimensions", "found 255"});
}

TEST(Idx, RefusesEveryTruncationAndTrailingBytes) {
  for (std::size_t size = 0; size < kTwoByThree.size(); ++size) {
    SCOPED_TRACE(size);
    ExpectRefused(kTwoByThree.substr(0, size), {});
  }
  ExpectRefused(kTwoByThree.substr(0, 11), {"truncated header", "expected 12", "found 11"});
  ExpectRefused(kTwoByThree.substr(0, 17), {"[2,3]", "needs 6 bytes", "found 5"});
  ExpectRefused(kTwoByThree + "x", {"[2,3]", "needs 6 bytes", "found 7"});
}

// Four sizes of 2^32 - 1 multiply to more than 63 bits: the size must not wrap around.
TEST(Idx, RefusesASizeBeyond63Bits) {
  ExpectRefused("\x00\x00\x08\x04"s + std::string(16, '\xff') + "x", {});
}

TEST(Idx, NamesAFileThatIsNotThere) {
  const TempDir folder;
  ExpectError([&] { ReadIdx(folder.Path("absent")); }, {"absent"});
}

}  // namespace
}  // namespace denoscope
