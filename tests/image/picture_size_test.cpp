#include "denoscope/image/picture_size.h"

#include <gtest/gtest.h>

#include "tests/support/picture_files.h"

namespace denoscope {
namespace {

TEST(SizeInHeader, IsThatOfTheDecodedPicture) {
  for (const char* ending : {".png", ".jpg", ".bmp"}) {
    SCOPED_TRACE(ending);
    for (const cv::Mat& picture : {GradientPicture(7, 300), cv::Mat(5, 9, CV_8UC1, 3.0)}) {
      const std::string content = Encoded(ending, picture);
      const auto size = SizeInHeader(content);
      ASSERT_TRUE(size);
      EXPECT_EQ(size->height, picture.rows);
      EXPECT_EQ(size->width, picture.cols);
      // No prefix crashes; one that says anything says this.
      for (std::size_t length = 0; length < content.size(); ++length)
        if (const auto part = SizeInHeader(content.substr(0, length))) {
          EXPECT_EQ(part->height, size->height);
          EXPECT_EQ(part->width, size->width);
        }
    }
  }
  EXPECT_FALSE(SizeInHeader("GIF89a and so on and on and on"));
}

}  // namespace
}  // namespace denoscope
