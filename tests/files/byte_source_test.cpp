#include "denoscope/files/byte_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

// Both kinds of source hold "0123456789".
class Sources : public testing::Test {
 protected:
  void SetUp() override { WriteFile(path_, content_); }
  template <typename Check>
  void ForBoth(const Check& check) {
    check(*OpenFile(path_));
    check(*MemorySource(path_.string(), content_));
  }

  TempDir folder_;
  const std::filesystem::path path_ = folder_.Path("ten");
  const std::string content_ = "0123456789";
};

TEST_F(Sources, TellNameAndSize) {
  ForBoth([&](const ByteSource& source) {
    EXPECT_EQ(source.Name(), path_.string());
    EXPECT_EQ(source.Size(), 10u);
  });
}

TEST_F(Sources, ReadAnyPartInAnyOrder) {
  ForBoth([](const ByteSource& source) {
    EXPECT_EQ(source.Read(7, 3), "789");
    EXPECT_EQ(source.Read(0, 2), "01");
    EXPECT_EQ(source.Read(0, 10), "0123456789");
    EXPECT_EQ(source.Read(10, 0), "");
    char bytes[3] = {};
    source.Read(4, bytes, 2);
    EXPECT_STREQ(bytes, "45");
  });
}

TEST_F(Sources, RefuseToReadBeyondTheEnd) {
  constexpr std::size_t kHuge = SIZE_MAX;
  ForBoth([&](const ByteSource& source) {
    ExpectError([&] { source.Read(8, 3); },
                {"file '" + path_.string(), "truncated: expected 3 bytes at byte 8, found 2"});
    ExpectError([&] { source.Read(11, 0); }, {"expected 0 bytes at byte 11, found 0"});
    ExpectError([&] { source.Read(UINT64_MAX, 1); }, {"found 0"});
    ExpectError([&] { source.Read(5, kHuge - 4); }, {"found 5"});
    ExpectError([&] { source.Read(0, kHuge); }, {"found 10"});
  });
}

TEST(OpenFile, RefusesWhatIsNoRegularFile) {
  TempDir folder;
  ExpectError([&] { OpenFile(folder.Path("absent")); }, {"absent'", "cannot open", "No such file"});
  ExpectError([&] { OpenFile(folder.Path()); }, {"expected a regular file"});
  ASSERT_EQ(::mkfifo(folder.Path("pipe").c_str(), 0600), 0);
  ExpectError([&] { OpenFile(folder.Path("pipe")); }, {"pipe'", "expected a regular file"});
}

TEST(OpenFile, AFileCutShortMeanwhileIsAnError) {
  TempDir folder;
  WriteFile(folder.Path("a"), "0123456789");
  const auto source = OpenFile(folder.Path("a"));
  std::filesystem::resize_file(folder.Path("a"), 4);
  EXPECT_EQ(source->Read(0, 4), "0123");
  ExpectError([&] { source->Read(2, 4); }, {"a'", "cut short while being read"});
}

TEST(OpenFile, AnOpenFileOutlivesItsName) {
  TempDir folder;
  WriteFile(folder.Path("a"), "0123456789");
  const auto source = OpenFile(folder.Path("a"));
  std::filesystem::remove(folder.Path("a"));
  EXPECT_EQ(source->Read(8, 2), "89");
}

}  // namespace
}  // namespace denoscope
