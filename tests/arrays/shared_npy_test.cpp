#include "denoscope/arrays/shared_npy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "denoscope/arrays/mapped_npy.h"
#include "denoscope/arrays/npy.h"
#include "denoscope/files/atomic_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

constexpr std::int64_t kRows = 6, kColumns = 5;
constexpr auto kFirst = SharedNpy::Place::kFirst, kOther = SharedNpy::Place::kOther;
using File = std::unique_ptr<SharedNpy>;

File Open(const std::string& path,
          SharedNpy::Place place,
          const std::string& job = "job",
          bool force = false) {
  return std::make_unique<SharedNpy>(
      NpyTarget{path, job, force}, ElementType::kFloat32, Shape{kRows, kColumns}, kRows, place);
}

void Fill(SharedNpy& file, const SharedNpy::Piece& piece) {
  const std::vector<float> row(kColumns, static_cast<float>(piece.index));
  file.Write(static_cast<std::size_t>(piece.index * kColumns) * sizeof(float),
             row.data(),
             row.size() * sizeof(float));
  file.MarkDone(piece);
}

std::string Expected(const TempDir& temp) {
  std::vector<float> all;
  for (std::int64_t row = 0; row < kRows; ++row)
    all.insert(all.end(), kColumns, static_cast<float>(row));
  WriteNpy(temp.Path("twin.npy"), Array::From<float>({kRows, kColumns}, all));
  return ReadFile(temp.Path("twin.npy"));
}

std::vector<std::string> Names(const TempDir& temp) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(temp.Path()))
    names.push_back(entry.path().filename());
  return names;
}

TEST(SharedNpy, APieceIsOneOwnersAtATime) {
  const TempDir temp;
  const File first = Open(temp.Path("J.npy"), kFirst), other = Open(temp.Path("J.npy"), kOther);
  auto a = first->Take(4);
  EXPECT_EQ(a->index, 4);
  {
    const auto b = other->Take(4);
    EXPECT_EQ(b->index, 5) << "the next one that is free";
    EXPECT_EQ(first->Take(5)->index, 0) << "round to the beginning";
  }
  EXPECT_EQ(first->Take(5)->index, 5) << "given up by its owner";
  Fill(*first, *a);
  a.reset();
  EXPECT_FALSE(other->Done(4)) << "not looked yet";
  EXPECT_EQ(other->Take(4)->index, 5);
  EXPECT_TRUE(other->Done(4));
}

TEST(SharedNpy, ManyOwnersMakeTheFileThatWriteNpyMakes) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  const File first = Open(path, kFirst);
  const auto work = [](SharedNpy& file, std::int64_t from) {
    for (; !file.AllDone(); file.Look())
      if (const auto piece = file.Take(from)) Fill(file, *piece);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&, i] { work(*Open(path, kOther), 2 * i); });
  work(*first, 0);
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(std::filesystem::exists(path));
  first->Finish();
  EXPECT_EQ(ReadFile(path), Expected(temp));
  EXPECT_EQ(Names(temp).size(), 2u) << "J.npy and its twin, no list, no claims";
}

// An owner may come to look for work when the file has its name already.
TEST(SharedNpy, OneThatComesLateFindsAllDoneAndLeavesNothing) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  File first = Open(path, kFirst), other = Open(path, kOther);
  while (const auto piece = first->Take(0)) Fill(*first, *piece);
  first->Finish();
  EXPECT_FALSE(other->Take(3));
  EXPECT_TRUE(other->AllDone());
  other.reset();
  first.reset();
  EXPECT_EQ(Names(temp), std::vector<std::string>{"J.npy"});
}

TEST(SharedNpy, GoesOnWithWhatAMapLeftAndTheOtherWayRound) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  const auto map = [&] {
    return std::make_unique<MappedNpy>(
        NpyTarget{path, "job"}, ElementType::kFloat32, Shape{kRows, kColumns}, kRows);
  };
  const auto fill = [](MappedNpy& file, std::int64_t row) {
    auto* data = static_cast<float*>(file.Data()) + row * kColumns;
    std::fill(data, data + kColumns, static_cast<float>(row));
    file.MarkDone(row);
  };
  fill(*map(), 3);
  {
    const File file = Open(path, kFirst);
    EXPECT_TRUE(file->Done(3));
    Fill(*file, *file->Take(1));
  }
  const auto file = map();
  EXPECT_EQ(file->CountDone(), 2);
  for (std::int64_t row = 0; row < kRows; ++row)
    if (!file->Done(row)) fill(*file, row);
  file->Finish();
  EXPECT_EQ(ReadFile(path), Expected(temp));
  EXPECT_FALSE(std::filesystem::exists(path + ".partial-claims"));
}

TEST(SharedNpy, RefusesAnotherJobAndAFileThatIsMissingPieces) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  {
    const File file = Open(path, kFirst, "sigma 0.1");
    Fill(*file, *file->Take(0));
    ExpectError([&] { file->Finish(); }, {"J.npy", "1 of 6 pieces"});
  }
  for (const auto place : {kFirst, kOther})
    ExpectError([&] { Open(path, place, "sigma 0.2"); },
                {"J.npy.partial", "another unfinished job", "found sigma 0.1"});
  EXPECT_EQ(Open(path, kFirst, "sigma 0.1")->CountDone(), 1);
  EXPECT_EQ(Open(path, kFirst, "sigma 0.2", true)->CountDone(), 0);
}

TEST(SharedNpy, LeavesNothingOfAJobWithoutAFinishedPiece) {
  const TempDir temp;
  File first = Open(temp.Path("J.npy"), kFirst), other = Open(temp.Path("J.npy"), kOther);
  other.reset();
  EXPECT_TRUE(std::filesystem::exists(temp.Path("J.npy.partial"))) << "another is at work";
  first.reset();
  EXPECT_TRUE(Names(temp).empty());
}

// A line that was cut short once ran on into the next one: 3 and 5 made piece 35 done.
TEST(SharedNpy, ALineThatWasCutShortIsNoPieceNorPartOfOne) {
  const TempDir temp;
  const std::string path = temp.Path("J.npy");
  const auto open = [&] {
    return std::make_unique<SharedNpy>(
        NpyTarget{path, "job"}, ElementType::kFloat32, Shape{40, kColumns}, 40, kFirst);
  };
  const auto fill = [](SharedNpy& file, std::int64_t from) { Fill(file, *file.Take(from)); };
  fill(*open(), 2);
  std::ofstream(path + ".partial-pieces", std::ios::app) << "4 \n-1\n99\n3";
  fill(*open(), 5);
  const File file = open();
  EXPECT_TRUE(file->Done(2) && file->Done(5));
  EXPECT_EQ(file->CountDone(), 2);
}

}  // namespace
}  // namespace denoscope
