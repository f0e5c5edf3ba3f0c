#include "denoscope/data/array_sets.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <numeric>

#include "denoscope/arrays/npy.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

template <typename T>
Array Counting(const Shape& shape) {
  std::vector<T> values(static_cast<std::size_t>(ElementCount(shape)));
  std::iota(values.begin(), values.end(), T{1});
  return Array::From(shape, values);
}

class ArraySets : public testing::Test {
 protected:
  TempDir temp_;
  std::string path_ = temp_.Path("a.npy").string();
};

TEST_F(ArraySets, OneArrayGivesItsLastTenthToTheTestSplit) {
  WriteNpy(path_, Counting<std::uint8_t>({21, 2, 3}));
  const ImageSet train = LoadImageSet(path_, "train"), test = LoadImageSet(path_, "test");
  EXPECT_EQ(train.Count(), 19);
  EXPECT_EQ(test.Count(), 2);
  EXPECT_EQ(train.Name(), path_);
  EXPECT_EQ(train.ImageSize(), (ImageShape{1, 2, 3}));
  EXPECT_EQ(train.Sha256(), Sha256OfFile(path_));
  EXPECT_FLOAT_EQ(train.Images({3}).flatten()[0].item<float>(), 19 / 255.0F);
  EXPECT_FLOAT_EQ(test.Images({0}).flatten()[0].item<float>(), 115 / 255.0F);
  WriteNpy(path_, Counting<std::uint8_t>({2, 1, 1}));
  EXPECT_EQ(LoadImageSet(path_, "test").Count(), 1);
  WriteNpy(path_, Counting<std::uint8_t>({1, 1, 1}));
  ExpectError([&] { LoadImageSet(path_, "train"); }, {"a.npy", "at least 2", "found 1"});
}

TEST_F(ArraySets, FloatsAreTakenAsTheyAre) {
  WriteNpy(path_, Counting<float>({4, 3, 2, 2}));
  EXPECT_EQ(LoadImageSet(path_, "train").ImageSize(), (ImageShape{3, 2, 2}));
  EXPECT_EQ(LoadImageSet(path_, "train").Images({1}).flatten()[0].item<float>(), 13);
  WriteNpy(path_, Counting<double>({4, 3, 2, 2}));
  EXPECT_EQ(LoadImageSet(path_, "test").Images({0}).flatten()[0].item<float>(), 37);
}

TEST_F(ArraySets, AFolderOrAnArchiveHoldsAnArrayASplit) {
  const Array train = Counting<std::uint8_t>({3, 2, 2}), test = Counting<float>({2, 2, 2});
  std::filesystem::create_directory(temp_.Path("set"));
  WriteNpy(temp_.Path("set") / "train.npy", train);
  ExpectError([&] { LoadImageSet(temp_.Path("set").string(), "test"); }, {"test.npy"});
  WriteNpy(temp_.Path("set") / "test.npy", test);
  WriteNpz(temp_.Path("set.npz"), {{"train", train}, {"test", test}});
  WriteNpz(temp_.Path("one.npz"), {{"images", Counting<std::uint8_t>({20, 2, 2})}});
  for (const char* name : {"set", "set.npz"}) {
    const std::string source = temp_.Path(name).string();
    EXPECT_EQ(LoadImageSet(source, "train").Count(), 3);
    EXPECT_EQ(LoadImageSet(source, "test").Count(), 2);
    EXPECT_EQ(LoadImageSet(source, "test").Images({1}).flatten()[3].item<float>(), 8);
  }
  EXPECT_EQ(LoadImageSet(temp_.Path("one.npz").string(), "train").Count(), 18);
  WriteNpz(temp_.Path("none.npz"), {{"a", train}, {"b", test}});
  ExpectError([&] { LoadImageSet(temp_.Path("none.npz").string(), "train"); },
              {"none.npz", "train.npy and test.npy", "found a.npy, b.npy"});
}

// The pages of a mapped file can be dropped by the system at any time: what was read stays right,
// and the set outlives its file's name.
TEST_F(ArraySets, AMappedFileServesAfterItsNameIsGone) {
  WriteNpy(path_, Counting<float>({100, 4, 4}));
  const ImageSet train = LoadImageSet(path_, "train");
  std::filesystem::remove(path_);
  EXPECT_EQ(train.Images({89}).flatten()[15].item<float>(), 1440);
  EXPECT_EQ(train.Subset(80, 90).Range(0, 10).flatten()[159].item<float>(), 1440);
}

TEST_F(ArraySets, RefusesOtherArraysAndOptions) {
  WriteNpy(path_, Counting<std::int64_t>({4, 2, 2}));
  ExpectError([&] { LoadImageSet(path_, "train"); },
              {"a.npy", "uint8, float32", "[4,2,2] of int64"});
  WriteNpz(temp_.Path("u2.npz"), {{"train", Counting<std::uint16_t>({4, 2, 2})}});
  ExpectError([&] { LoadImageSet(temp_.Path("u2.npz").string(), "train"); }, {"of uint16"});
  WriteNpy(path_, Counting<float>({4, 2}));
  ExpectError([&] { LoadImageSet(path_, "train"); }, {"(N,C,H,W)", "found [4,2]"});
  WriteNpy(path_, Counting<float>({4, 0, 2}));
  ExpectError([&] { LoadImageSet(path_, "train"); }, {"found [4,0,2]"});
  WriteNpy(path_, Counting<float>({4, 2, 2}));
  ExpectError([&] { LoadImageSet(path_ + ":size=2", "train"); }, {"option 'size'", "takes none"});
}

}  // namespace
}  // namespace denoscope
