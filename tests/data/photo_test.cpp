#include "denoscope/data/photo.h"

#include <gtest/gtest.h>

#include "denoscope/files/atomic_file.h"
#include "denoscope/image/png.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

class Photo : public testing::Test {
 protected:
  TempDir temp_;
  std::filesystem::path path_ = temp_.Path("photo.png");

  // 6 rows, 10 columns; red counts rows, green columns, blue is 200.
  void SetUp() override {
    cv::Mat picture(6, 10, CV_8UC3);
    for (int r = 0; r < 6; ++r)
      for (int c = 0; c < 10; ++c)
        picture.at<cv::Vec3b>(r, c) = {200, static_cast<uchar>(10 * c), static_cast<uchar>(20 * r)};
    WritePng(path_, picture);
  }
};

TEST_F(Photo, IsOneImageInRgb) {
  const ImageSet set = LoadPhoto(path_, 3, std::nullopt);
  EXPECT_EQ(set.Count(), 1);
  EXPECT_EQ(set.Name(), "photo");
  EXPECT_EQ(set.ImageSize(), (ImageShape{3, 6, 10}));
  EXPECT_EQ(set.Sha256(), Sha256OfFile(path_));
  const torch::Tensor x = 255 * set.Images({0})[0];
  EXPECT_FLOAT_EQ(x[0][4][7].item<float>(), 80);
  EXPECT_FLOAT_EQ(x[1][4][7].item<float>(), 70);
  EXPECT_FLOAT_EQ(x[2][4][7].item<float>(), 200);
}

TEST_F(Photo, IsGrayByTheWeightsOfBt601) {
  const torch::Tensor x = 255 * LoadPhoto(path_, 1, std::nullopt).Images({0})[0][0];
  // Rounded to a byte.
  EXPECT_NEAR(x[4][7].item<double>(), 0.299 * 80 + 0.587 * 70 + 0.114 * 200, 0.51);
}

TEST_F(Photo, IsCroppedAtItsCentreOrWhereSaid) {
  const torch::Tensor whole = LoadPhoto(path_, 3, std::nullopt).Images({0})[0];
  const torch::Tensor centre = LoadPhoto(path_, 3, Crop{2, 4, {}}).Images({0})[0];
  EXPECT_TRUE(torch::equal(centre, whole.slice(1, 2, 4).slice(2, 3, 7)));
  const torch::Tensor corner = LoadPhoto(path_, 3, Crop{2, 4, {{4, 6}}}).Images({0})[0];
  EXPECT_TRUE(torch::equal(corner, whole.slice(1, 4, 6).slice(2, 6, 10)));
  ExpectError([&] { LoadPhoto(path_, 3, Crop{7, 4, {}}); }, {"photo.png", "6 x 10", "7 x 4"});
  ExpectError([&] { LoadPhoto(path_, 3, Crop{2, 4, {{5, 0}}}); }, {"inside 6 x 10", "at 5,0"});
}

TEST_F(Photo, ThatIsNoneIsRefused) {
  WriteFile(temp_.Path("text.png"), "no picture at all");
  ExpectError([&] { LoadPhoto(temp_.Path("text.png"), 1, {}); }, {"text.png", "OpenCV"});
  ExpectError([&] { LoadPhoto(temp_.Path("absent.png"), 1, {}); }, {"absent.png"});
  ExpectError([&] { LoadPhoto(path_, 2, {}); }, {"expected 1 or 3 channels, found 2"});
}

}  // namespace
}  // namespace denoscope
