#include "denoscope/data/image_set.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/tensors.h"
#include "tests/support/environment.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_images.h"

namespace denoscope {
namespace {

std::string IdxImages(char count, char height, char width, const std::string& pixels) {
  std::string content = {0, 0, 8, 3};
  for (const char size : {count, height, width}) content += std::string{0, 0, 0, size};
  return content + pixels;
}

ImageSet TwoImages() {
  const torch::Tensor bytes = torch::tensor({0, 51, 102, 255, 10, 20, 30, 40}, torch::kUInt8);
  return {"two", "test", bytes.view({2, 1, 2, 2}), "hash"};
}

TEST(ImageSet, GivesOutFloatImagesInZeroToOne) {
  const ImageSet set = TwoImages();
  EXPECT_EQ(set.Count(), 2);
  EXPECT_EQ(set.ImageSize(), (ImageShape{1, 2, 2}));
  const torch::Tensor x = set.Images({1, 0, 1});
  EXPECT_EQ(x.scalar_type(), torch::kFloat32);
  EXPECT_EQ(ShapeOf(x), Shape({3, 1, 2, 2}));
  const torch::Tensor first = torch::tensor({0.0F, 51 / 255.0F, 102 / 255.0F, 1.0F});
  EXPECT_TRUE(torch::equal(x[1].flatten(), first));
  EXPECT_TRUE(torch::equal(x[0], x[2]));
  EXPECT_TRUE(torch::equal(set.Range(0, 2), set.Images({0, 1})));
  EXPECT_TRUE(torch::equal(set.Subset(1, 2).Images({0}), set.Images({1})));
}

TEST(ImageSet, RefusesAnIndexOutsideTheSet) {
  ExpectError([] { TwoImages().Images({0, 2}); }, {"'two'", "test", "image 2", "0 to 1"});
  ExpectError([] { TwoImages().Images({-1}); }, {"image -1"});
}

TEST(ImageSet, TakesFloatsAsTheyAre) {
  const torch::Tensor floats = torch::tensor({-0.5F, 0.1F, 1.0F, 3.7F});
  for (const torch::ScalarType type : {torch::kFloat32, torch::kFloat64}) {
    const ImageSet set("floats", "test", floats.to(type).view({2, 1, 1, 2}), "hash");
    torch::Tensor x = set.Range(0, 2);
    EXPECT_EQ(x.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(torch::equal(x.flatten(), floats));
    EXPECT_TRUE(torch::equal(set.Images({1}).flatten(), floats.slice(0, 2, 4)));
    x.zero_();  // a copy: the set stays as it is
    EXPECT_TRUE(torch::equal(set.Range(0, 2).flatten(), floats));
  }
}

TEST(ImageSet, RefusesOtherShapesAndTypes) {
  const auto make = [](const torch::Tensor& pixels) { ImageSet("x", "test", pixels, ""); };
  ExpectError(
      [&] {
        make(torch::zeros({2, 2, 2}, torch::kUInt8));
      },
      {"'x'", "(N,C,H,W)", "[2,2,2]"});
  ExpectError([&] { make(torch::zeros({2, 1, 2, 2}, torch::kInt32)); }, {"uint8", "Int"});
}

TEST(LoadImageSet, LooksInTheFolderOfTheEnvironmentFirst) {
  const TempDir root;
  std::filesystem::create_directory(root.Path("fashion-mnist"));
  const std::string train = IdxImages(2, 1, 3, "abcdef");
  WriteFile(root.Path("fashion-mnist") / "train-images-idx3-ubyte", train);
  WriteFile(root.Path("fashion-mnist") / "t10k-images-idx3-ubyte", IdxImages(1, 1, 3, "xyz"));
  const Environment environment("DENOSCOPE_DATA", root.Path().string());
  const ImageSet set = LoadImageSet("fashion-mnist", "train");
  EXPECT_EQ(set.Name(), "fashion-mnist");
  EXPECT_EQ(set.Split(), "train");
  EXPECT_EQ(set.Count(), 2);
  EXPECT_EQ(set.ImageSize(), (ImageShape{1, 1, 3}));
  EXPECT_EQ(set.Sha256(), Sha256Hex(train));
  const torch::Tensor pixels = (set.Images({1}) * 255).round().to(torch::kUInt8).flatten();
  EXPECT_TRUE(torch::equal(pixels, torch::tensor({'d', 'e', 'f'}, torch::kUInt8)));
  EXPECT_EQ(LoadImageSet("fashion-mnist", "test").Count(), 1);
}

TEST(LoadImageSet, RefusesLabelsInThePlaceOfImages) {
  const TempDir root;
  std::filesystem::create_directory(root.Path("mnist"));
  const std::string labels = std::string{0, 0, 8, 1, 0, 0, 0, 2} + "ab";
  WriteFile(root.Path("mnist") / "t10k-images-idx3-ubyte", labels);
  const Environment environment("DENOSCOPE_DATA", root.Path().string());
  ExpectError([] { LoadImageSet("mnist", "test"); }, {"t10k-images-idx3-ubyte", "(N,H,W)", "[2]"});
}

TEST(LoadImageSet, SaysHowToGetASetThatIsNotInstalled) {
  if (std::filesystem::exists("/usr/share/datasets/mnist")) GTEST_SKIP() << "mnist is installed";
  const TempDir root;
  const Environment environment("DENOSCOPE_DATA", root.Path().string());
  ExpectError([] { LoadImageSet("mnist", "train"); },
              {"'mnist'",
               "not installed",
               (root.Path("mnist") / "train-images-idx3-ubyte").string(),
               "IDX files",
               "DENOSCOPE_DATA"});
}

TEST(LoadImageSet, NamesWhatIsUnknown) {
  ExpectError([] { LoadImageSet("imagenet", "train"); },
              {"'imagenet'", "unknown", "fashion-mnist", "mnist"});
  ExpectError([] { LoadImageSet("mnist", "validation"); },
              {"'mnist'", "'validation'", "train or test"});
}

TEST(LoadImageSet, FashionMnistIsWhatItsPaperSays) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
    GTEST_SKIP() << "the package dataset-fashion-mnist is not installed";
  const TempDir empty;
  const Environment environment("DENOSCOPE_DATA", empty.Path().string());
  const ImageSet train = LoadImageSet("fashion-mnist", "train");
  const ImageSet test = LoadImageSet("fashion-mnist", "test");
  EXPECT_EQ(train.Count(), 60000);
  EXPECT_EQ(test.Count(), 10000);
  EXPECT_NE(train.Sha256(), test.Sha256());
  for (const ImageSet* set : {&train, &test}) {
    EXPECT_EQ(set->ImageSize(), (ImageShape{1, 28, 28}));
    const torch::Tensor x = set->Range(0, 10000);
    EXPECT_EQ(x.min().item<float>(), 0.0F);
    EXPECT_EQ(x.max().item<float>(), 1.0F);
  }
  // The mean pixel of the training images, known to four digits from the data set's users.
  EXPECT_NEAR(train.Range(0, 60000).mean().item<double>(), 0.2860, 5e-5);
}

TEST(PcaOf, IsThePcaOfTheImagesAsColumns) {
  const ImageSet set = TinyImages("train", 5000, {1, 4, 6});  // more than two of its blocks
  CovarianceAccumulator sums(24);
  sums.Add(ToMatrixD(set.Range(0, 5000).flatten(1)).transpose());
  const Pca direct = ComputePca(sums);
  const Pca pca = PcaOf(set);
  // Float64 sums over 5000 images in another order: 5000 eps, relative.
  constexpr double kRounding = 1e-12;
  EXPECT_EQ(pca.n, 5000);
  EXPECT_LT((pca.mean - direct.mean).norm(), kRounding * direct.mean.norm());
  EXPECT_LT((pca.eigenvalues - direct.eigenvalues).norm(), kRounding * direct.eigenvalues.norm());
  const Eigen::MatrixXd found = pca.basis * pca.eigenvalues.asDiagonal() * pca.basis.transpose();
  EXPECT_LT((found - sums.Covariance()).norm(), kRounding * sums.Covariance().norm());
}

TEST(PcaOf, FindsTheVariancesThatTheImagesWereMadeWith) {
  constexpr int kImages = 5000;
  const Pca pca = PcaOf(TinyImages("train", kImages));
  for (std::size_t k = 0; k < TinyDeviations().size(); ++k) {
    const double expected = TinyDeviations()[k] * TinyDeviations()[k];
    // The variance of 5000 Gaussian samples has a relative standard error of sqrt(2/n) = 2 %;
    // four of them.
    EXPECT_NEAR(pca.eigenvalues[static_cast<Eigen::Index>(k)],
                expected,
                4 * std::sqrt(2.0 / kImages) * expected);
  }
}

}  // namespace
}  // namespace denoscope
