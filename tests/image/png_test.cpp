#include "denoscope/image/png.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "tests/support/expect_error.h"
#include "tests/support/picture_files.h"
#include "tests/support/temp_dir.h"

namespace denoscope {
namespace {

bool Same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

class Pictures : public testing::Test {
 protected:
  std::filesystem::path Path(const std::string& name) const { return temp_.Path(name); }
  TempDir temp_;
};

TEST_F(Pictures, WhatIsWrittenIsRead) {
  const cv::Mat colour = GradientPicture(9, 13), gray(5, 7, CV_8UC1, 40.0);
  WritePng(Path("colour.png"), colour);
  WritePng(Path("gray.png"), gray);
  EXPECT_TRUE(Same(ReadPicture(Path("colour.png")), colour));
  EXPECT_TRUE(Same(ReadPicture(Path("colour.png"), PictureColour::kAsStored), colour));
  EXPECT_TRUE(Same(ReadPicture(Path("gray.png"), PictureColour::kAsStored), gray));
  EXPECT_TRUE(Same(ReadPicture(Path("gray.png")), cv::Mat(5, 7, CV_8UC3, cv::Scalar::all(40))));
}

TEST_F(Pictures, SixteenBitsBecomeEight) {
  WriteFile(Path("deep.png"), Encoded(".png", cv::Mat(3, 4, CV_16UC1, 257.0 * 100)));
  const cv::Mat picture = ReadPicture(Path("deep.png"), PictureColour::kAsStored);
  EXPECT_TRUE(Same(picture, cv::Mat(3, 4, CV_8UC1, 100.0)));
}

TEST_F(Pictures, WhatIsNoPictureIsNamed) {
  ExpectError([&] { ReadPicture(Path("none.png")); }, {"none.png", "cannot read"});
  const std::string whole = Encoded(".png", GradientPicture(9, 13));
  for (const std::string& content :
       {std::string(), std::string("no picture"), whole.substr(0, 8)}) {
    WriteFile(Path("bad.png"), content);
    ExpectError([&] { ReadPicture(Path("bad.png")); }, {"bad.png"});
  }
}

TEST_F(Pictures, ABombIsRefusedBeforeItIsDecoded) {
  // As it stands there are no pixels to decode: the message must come from the header.
  WriteFile(Path("bomb.png"), PngHead(60000, 60000));
  ExpectError([&] { ReadPicture(Path("bomb.png")); },
              {"bomb.png", "at most 134217728 pixels", "60000 x 60000"});
  std::string jpeg = Encoded(".jpg", GradientPicture(8, 8));
  const std::size_t frame = jpeg.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, "\xea\x60\xea\x60");
  WriteFile(Path("bomb.jpg"), jpeg);
  ExpectError([&] { ReadPicture(Path("bomb.jpg")); }, {"bomb.jpg", "60000 x 60000"});
}

TEST(PictureTensor, IsRedGreenBlueByRowsAndColumns) {
  const torch::Tensor t = PictureTensor(GradientPicture(4, 6, 200), 3);
  ASSERT_EQ(t.sizes(), (std::vector<std::int64_t>{3, 4, 6}));
  EXPECT_EQ(t.scalar_type(), torch::kUInt8);
  for (int r = 0; r < 4; ++r)
    for (int c = 0; c < 6; ++c) {
      EXPECT_EQ(t[0][r][c].item<int>(), r);
      EXPECT_EQ(t[1][r][c].item<int>(), c);
      EXPECT_EQ(t[2][r][c].item<int>(), 200);
    }
}

// Y = 0.299 R + 0.587 G + 0.114 B, rounded.
TEST(PictureTensor, GraysByTheWeightsOfBt601) {
  const cv::Mat bgr(1, 1, CV_8UC3, cv::Scalar(30, 200, 100));
  const torch::Tensor gray = PictureTensor(bgr, 1);
  ASSERT_EQ(gray.sizes(), (std::vector<std::int64_t>{1, 1, 1}));
  EXPECT_NEAR(gray.item<int>(), 0.299 * 100 + 0.587 * 200 + 0.114 * 30, 1);
  EXPECT_EQ(PictureTensor(cv::Mat(2, 2, CV_8UC1, 7.0), 1).sum().item<int>(), 28);
  EXPECT_EQ(PictureTensor(cv::Mat(2, 2, CV_8UC1, 7.0), 3).sum().item<int>(), 84);
}

TEST(PictureTensor, KeepsNothingOfThePicture) {
  cv::Mat picture(2, 2, CV_8UC1, 7.0);
  const torch::Tensor t = PictureTensor(picture, 1);
  picture.setTo(9);
  EXPECT_EQ(t.sum().item<int>(), 28);
}

}  // namespace
}  // namespace denoscope
