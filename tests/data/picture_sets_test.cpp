#include "denoscope/data/picture_sets.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "denoscope/data/folder_sets.h"
#include "denoscope/data/photos.h"
#include "tests/support/environment.h"
#include "tests/support/expect_error.h"
#include "tests/support/picture_files.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

TEST(CutPicture, GivesADisjointGridOfPatches) {
  const torch::Tensor patches = CutPicture(GradientPicture(9, 13), {4, false, 1, 3});
  ASSERT_EQ(patches.sizes(), at::IntArrayRef({6, 3, 4, 4}));
  // Patch (i, j): rows 4 i .., columns 4 j ..; red counts rows, green columns.
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j) {
      const torch::Tensor patch = patches[3 * i + j];
      for (int r = 0; r < 4; ++r)
        for (int c = 0; c < 4; ++c) {
          EXPECT_EQ(patch[0][r][c].item<int>(), 4 * i + r);
          EXPECT_EQ(patch[1][r][c].item<int>(), 4 * j + c);
          EXPECT_EQ(patch[2][r][c].item<int>(), 200);
        }
    }
}

TEST(CutPicture, AveragesPixelsAndCutsTheCentre) {
  // Rows 0 to 15: scaled by 1/4 to 1.5, 5.5, 9.5, 13.5, rounded to even.
  const torch::Tensor whole = CutPicture(GradientPicture(16, 23), {0, false, 4, 3});
  ASSERT_EQ(whole.sizes(), at::IntArrayRef({1, 3, 4, 5}));
  for (int r = 0; r < 4; ++r) EXPECT_NEAR(whole[0][0][r][0].item<int>(), 4 * r + 1.5, 0.51);
  const torch::Tensor centre = CutPicture(GradientPicture(16, 20), {4, true, 1, 3});
  ASSERT_EQ(centre.sizes(), at::IntArrayRef({1, 3, 4, 4}));
  EXPECT_EQ(centre[0][0][0][0].item<int>(), 6);
  EXPECT_EQ(centre[0][1][0][0].item<int>(), 8);
  EXPECT_EQ(CutPicture(GradientPicture(15, 40), {4, false, 4, 3}).size(0), 0);
}

TEST(CutPicture, GrayIsThatOfBt601AndGrayBecomesRgb) {
  const cv::Mat one(1, 1, CV_8UC3, cv::Scalar(114, 70, 30));
  EXPECT_NEAR(
      CutPicture(one, {0, false, 1, 1}).item<int>(), 0.299 * 30 + 0.587 * 70 + 0.114 * 114, 0.51);
  const cv::Mat gray(1, 1, CV_8UC1, 77.0);
  EXPECT_EQ(CutPicture(gray, {0, false, 1, 0}).item<int>(), 77);
  EXPECT_EQ(CutPicture(gray, {0, false, 1, 3}).flatten().sum().item<int>(), 3 * 77);
}

class FolderSets : public testing::Test {
 protected:
  TempDir temp_;
  Environment cache_{"XDG_CACHE_HOME", temp_.Path("cache").string()};
  fs::path folder_ = temp_.Path("pictures");
  std::string spec_ = folder_.string() + ":size=4,colour";
  std::vector<Progress> said_;

  ImageSet Load(const std::string& spec, const std::string& split) {
    return LoadImageSet(spec, split, [&](const Progress& p) { said_.push_back(p); });
  }
  // 20 pictures of two patches, the blue of each its number.
  void WriteTwenty() {
    for (int i = 0; i < 20; ++i)
      WriteGradient(folder_ / fmt::format("{}/{}.png", i % 3, i), 5, 9, i);
  }
  std::set<int> Blues(const ImageSet& set) {
    std::set<int> blues;
    const torch::Tensor blue = (set.Range(0, set.Count()).select(1, 2) * 255).round();
    for (std::int64_t i = 0; i < set.Count(); ++i) blues.insert(blue[i][0][0].item<int>());
    return blues;
  }
  std::size_t Cached() const {
    const fs::path sets = temp_.Path("cache") / "denoscope" / "sets";
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(sets), fs::directory_iterator()));
  }
};

TEST_F(FolderSets, NoPictureIsInBothSplits) {
  WriteTwenty();
  const ImageSet train = Load(spec_, "train"), test = Load(spec_, "test");
  EXPECT_EQ(train.Count(), 36);
  EXPECT_EQ(test.Count(), 4);
  EXPECT_EQ(train.ImageSize(), (ImageShape{3, 4, 4}));
  const std::set<int> in_train = Blues(train), in_test = Blues(test);
  EXPECT_EQ(in_train.size(), 18);
  EXPECT_EQ(in_test.size(), 2);
  for (const int blue : in_test) EXPECT_EQ(in_train.count(blue), 0);
  // Nor are the images of a picture together: both patches of each, but not in turn.
  const torch::Tensor blue = train.Range(0, train.Count()).select(1, 2).select(1, 0).select(1, 0);
  EXPECT_LT(blue.slice(0, 0, 36, 2).eq(blue.slice(0, 1, 36, 2)).sum().item<int>(), 6);
  // By name alone: pictures with other content stay on their side.
  for (int i = 0; i < 20; ++i)
    WriteGradient(folder_ / fmt::format("{}/{}.png", i % 3, i), 5, 9, i + 100);
  std::set<int> moved;
  for (const int old : in_test) moved.insert(old + 100);
  EXPECT_EQ(Blues(Load(spec_, "test")), moved);
}

TEST_F(FolderSets, TheCacheIsUsedAndMadeAgainWhenAFileChanges) {
  WriteTwenty();
  const std::string before = Load(spec_, "train").Sha256();
  EXPECT_FALSE(said_.empty());
  said_.clear();
  EXPECT_EQ(Load(spec_, "train").Sha256(), before);
  EXPECT_TRUE(said_.empty());  // nothing was cut
  EXPECT_EQ(Cached(), 1);
  EXPECT_EQ(Load(folder_.string() + ":size=4,gray", "train").ImageSize().C, 1);
  EXPECT_EQ(Cached(), 2);
  fs::last_write_time(folder_ / "0/0.png",
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_EQ(Load(spec_, "train").Sha256(), before);  // the same images, cut again
  EXPECT_EQ(Cached(), 3);
  WriteGradient(folder_ / "0/0.png", 5, 9, 100);
  const ImageSet train = Load(spec_, "train"), test = Load(spec_, "test");
  EXPECT_EQ(Blues(train).count(100) + Blues(test).count(100), 1);
  EXPECT_EQ(Cached(), 4);
}

TEST_F(FolderSets, WhatIsNoPictureIsSkippedAndCountedOrRefused) {
  WriteTwenty();
  WriteFile(folder_ / "text.png", "no picture at all");
  WriteFile(folder_ / "small.jpg", Encoded(".jpg", GradientPicture(3, 50)));
  WriteFile(folder_ / "bomb.png", PngHead(60000, 60000));
  WriteFile(folder_ / "notes.txt", "not even by name");
  const ImageSet train = Load(spec_, "train"), test = Load(spec_, "test");
  EXPECT_EQ(Blues(train).size() + Blues(test).size(), 20);
  EXPECT_EQ(said_.back().total, 23);
  EXPECT_NE(said_.back().note.find("3 skipped, first: picture"), std::string::npos);
  ExpectError([&] { Load(spec_ + ",strict", "train"); }, {"bomb.png", "60000 x 60000"});
  fs::remove(folder_ / "bomb.png");
  ExpectError([&] { Load(spec_ + ",strict", "train"); }, {"small.jpg", "too small", "of 4"});
}

TEST_F(FolderSets, MixedSizesAndChannelsAreErrors) {
  WriteGradient(folder_ / "a.png", 8, 8);
  WriteGradient(folder_ / "b.png", 8, 9);
  const std::string whole = folder_.string();
  ExpectError([&] { Load(whole, "train"); },
              {"one shape", "[3,8,8] in 'a.png'", "[3,8,9] in 'b.png'", "size=N"});
  WritePng(folder_ / "b.png", cv::Mat(8, 8, CV_8UC1, 5.0));
  ExpectError([&] { Load(whole, "train"); }, {"[3,8,8] in 'a.png'", "[1,8,8] in 'b.png'", "gray"});
  EXPECT_EQ(Load(whole + ":gray", "train").ImageSize(), (ImageShape{1, 8, 8}));
  EXPECT_EQ(Load(whole + ":colour", "test").ImageSize(), (ImageShape{3, 8, 8}));
}

TEST_F(FolderSets, FoldersAndOptionsThatCannotBeAreRefused) {
  fs::create_directory(folder_);
  const std::string whole = folder_.string();
  ExpectError([&] { Load(whole, "train"); }, {"pictures'", "at least 2 pictures", "found 0"});
  WriteGradient(folder_ / "a.png", 8, 8);
  ExpectError([&] { Load(whole, "train"); }, {"found 1"});
  WriteGradient(folder_ / "b.png", 8, 8);
  ExpectError([&] { Load(whole + ":gray,colour", "train"); }, {"option 'gray'", "found both"});
  ExpectError([&] { Load(whole + ":centre", "train"); }, {"option 'centre'", "size=N"});
  ExpectError([&] { Load(whole + ":downscale=0", "train"); }, {"option 'downscale'"});
  ExpectError([&] { Load(whole + ":sise=3", "train"); },
              {"option 'sise'", "size, centre, downscale"});
  ExpectError([&] { Load(whole + ":size=16", "train"); },
              {"train split", "none of its 1 pictures", "too small"});
}

TEST_F(FolderSets, AListedPictureMustBeTheOneMeant) {
  WriteGradient(folder_ / "a.png", 8, 8);
  WriteGradient(folder_ / "b.png", 8, 8);
  PictureSet set = FolderSet(ParseDataSpec(folder_.string()));
  set.files[0].sha256 = Sha256OfFile(set.files[0].path);
  const ProgressSink quiet = [](const Progress&) {};
  LoadPictureSet(set, "train", quiet);
  set.canonical += "again";
  set.files[1].sha256 = std::string(64, '0');
  ExpectError([&] { LoadPictureSet(set, "train", quiet); }, {"b.png", "expected sha256 000"});
}

TEST(Photos, TheListIsReadLineByLine) {
  const std::string sha(64, 'a');
  const auto files = ParsePhotoList("heading\np\tusr/x.jpg\ttest\t" + sha + "\n", "/cache");
  ASSERT_EQ(files.size(), 1);
  EXPECT_EQ(files[0].path, "/cache/p/usr/x.jpg");
  EXPECT_TRUE(files[0].test);
  const std::vector<std::string> bad = {
      "p\tx\tvalidation\t" + sha, "p\tx\ttest\tabc", "p\tx\ttest", "p\tx\ttest\t" + sha + "\tmore"};
  for (const std::string& line : bad)
    ExpectError([&] { ParsePhotoList("heading\n" + line, "/"); }, {"line 2", "found '" + line});
}

TEST_F(FolderSets, PhotosSayHowToGetThem) {
  ExpectError([] { LoadImageSet("photos:gray", "train"); },
              {"'photos:gray'", "not prepared", "denoscope data prepare photos:gray"});
  ExpectError([] { LoadImageSet("photos:grey", "train"); }, {"option 'grey'"});
}

TEST(Photos, AreTenToFifteenPercentTest) {
  try {
    if (!IsCached(PhotoSet(ParseDataSpec("photos")).canonical))
      GTEST_SKIP() << "the photographs are not in the cache: denoscope data prepare photos";
  } catch (const Error& e) {
    GTEST_SKIP() << e.what();
  }
  const ImageSet train = LoadImageSet("photos", "train"), test = LoadImageSet("photos", "test");
  EXPECT_EQ(train.ImageSize(), (ImageShape{3, 32, 32}));
  const double share =
      static_cast<double>(test.Count()) / static_cast<double>(train.Count() + test.Count());
  EXPECT_GT(train.Count() + test.Count(), 13000);
  EXPECT_GT(share, 0.10);
  EXPECT_LT(share, 0.15);
  // Photographs use the whole range, and neighbouring pixels go together.
  const torch::Tensor x = train.Range(0, train.Count());
  EXPECT_LT(x.min().item<float>(), 0.05);
  EXPECT_GT(x.max().item<float>(), 0.95);
}

}  // namespace
}  // namespace denoscope
