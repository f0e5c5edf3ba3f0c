#include "denoscope/arrays/mapped_npy.h"

#include <gtest/gtest.h>

#include <fstream>

#include "denoscope/arrays/npy.h"
#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

constexpr std::int64_t kRows = 6, kColumns = 5;

std::unique_ptr<MappedNpy> Open(const std::string& path,
                                const std::string& job = "job",
                                bool force = false) {
  return std::make_unique<MappedNpy>(
      NpyTarget{path, job, force}, ElementType::kFloat32, Shape{kRows, kColumns}, kRows);
}

void Fill(MappedNpy& file, std::int64_t row, float value) {
  auto* data = static_cast<float*>(file.Data()) + row * kColumns;
  std::fill(data, data + kColumns, value);
  file.MarkDone(row);
}

TEST(MappedNpy, IsTheFileThatWriteNpyMakes) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  const auto file = Open(path);
  std::vector<float> expected;
  for (std::int64_t row = 0; row < kRows; ++row) {
    EXPECT_FALSE(std::filesystem::exists(path));
    Fill(*file, row, static_cast<float>(row));
    expected.insert(expected.end(), kColumns, static_cast<float>(row));
  }
  file->Finish();
  WriteNpy(temp.Path("twin.npy"), Array::From<float>({kRows, kColumns}, expected));
  EXPECT_EQ(ReadFile(path), ReadFile(temp.Path("twin.npy")));
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
  EXPECT_FALSE(std::filesystem::exists(path + ".partial-pieces"));
  EXPECT_EQ(static_cast<const float*>(file->Data())[kColumns], 1) << "still to be read";
}

TEST(MappedNpy, GoesOnWithThePiecesThatAreMissing) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  for (const std::int64_t row : {4, 1}) Fill(*Open(path), row, static_cast<float>(row));
  const auto file = Open(path);
  EXPECT_EQ(file->CountDone(), 2);
  ExpectError([&] { file->Finish(); }, {"J.npy", "2 of 6 pieces"});
  for (std::int64_t row = 0; row < kRows; ++row) {
    EXPECT_EQ(file->Done(row), row == 4 || row == 1);
    if (!file->Done(row)) Fill(*file, row, static_cast<float>(row));
  }
  file->Finish();
  const Array array = ReadNpy(path);
  for (std::int64_t i = 0; i < kRows * kColumns; ++i)
    EXPECT_EQ(array.Data<float>()[i], static_cast<float>(i / kColumns));
}

// A crash can cut the list of pieces anywhere: a number that may have lost digits is not believed.
TEST(MappedNpy, DoesNotBelieveALineThatWasCutShort) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  Fill(*Open(path), 2, 1);
  const std::string zeros(4, '\0');
  std::ofstream(path + ".partial-pieces", std::ios::app) << zeros << "\n4 \n-1\n99\n3";
  const auto file = Open(path);
  EXPECT_TRUE(file->Done(2));
  EXPECT_EQ(file->CountDone(), 1) << "zeros are no piece 0, and 3 may have lost digits";
}

TEST(MappedNpy, KeepsAnotherJobsWorkUnlessForced) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  Fill(*Open(path, "sigma 0.1"), 0, 1);
  ExpectError([&] { Open(path, "sigma 0.2"); },
              {"J.npy.partial", "another unfinished job", "sigma 0.2", "found sigma 0.1"});
  EXPECT_TRUE(Open(path, "sigma 0.1")->Done(0));
  EXPECT_FALSE(Open(path, "sigma 0.2", true)->Done(0));
}

// A job that failed in its first piece once kept the next job from its target.
TEST(MappedNpy, LeavesNothingOfAJobWithoutAFinishedPiece) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  Open(path, "sigma 0.1");
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
  EXPECT_FALSE(std::filesystem::exists(path + ".partial-pieces"));
  Fill(*Open(path, "sigma 0.2"), 0, 1);
  EXPECT_TRUE(Open(path, "sigma 0.2")->Done(0));
}

TEST(MappedNpy, RefusesWhatHasNoRoom) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  ExpectError(
      [&] {
        MappedNpy({path, "job"}, ElementType::kFloat64, Shape{1 << 24, 1 << 24}, 1);
      },
      {"J.npy", "cannot make room"});
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
  ExpectError([&] { Open(temp.Path("absent/J.npy")); }, {"absent/J.npy", "cannot create"});
}

}  // namespace
}  // namespace denoscope
