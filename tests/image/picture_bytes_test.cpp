#include "denoscope/image/picture_bytes.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "tests/support/expect_error.h"
#include "tests/support/picture_files.h"

namespace denoscope {
namespace {

double Difference(const std::string& bytes, const cv::Mat& picture) {
  const std::vector<unsigned char> content(bytes.begin(), bytes.end());
  const cv::Mat decoded = cv::imdecode(content, cv::IMREAD_UNCHANGED);
  return decoded.size() == picture.size() && decoded.type() == picture.type()
             ? cv::norm(decoded, picture, cv::NORM_INF)
             : 256;
}

TEST(PictureBytes, PngKeepsEveryPixel) {
  EXPECT_EQ(Difference(PngBytes(GradientPicture(20, 30)), GradientPicture(20, 30)), 0);
  const cv::Mat gray(5, 7, CV_8UC1, 40.0);
  EXPECT_EQ(Difference(PngBytes(gray), gray), 0);
}

TEST(PictureBytes, WebpKeepsEveryPixelWhereThereIsWebp) {
  const std::string bytes = WebpBytes(GradientPicture(20, 30));
  if (bytes.empty()) GTEST_SKIP() << "this OpenCV was built without WebP";
  EXPECT_EQ(Difference(bytes, GradientPicture(20, 30)), 0);
}

TEST(PictureBytes, TheSamePictureIsTheSameBytes) {
  EXPECT_EQ(PngBytes(GradientPicture(20, 30)), PngBytes(GradientPicture(20, 30)));
}

}  // namespace
}  // namespace denoscope
