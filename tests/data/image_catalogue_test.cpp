#include "denoscope/data/image_catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace denoscope {
namespace {

TEST(ImageCatalogue, SaysHowManyImagesOfWhatSize) {
  const std::vector<ListedSet> sets = AllImageSets();
  const auto gaussian = std::find_if(
      sets.begin(), sets.end(), [](const auto& set) { return set.name == "gaussian"; });
  ASSERT_NE(gaussian, sets.end());
  EXPECT_FALSE(gaussian->size.empty());
  EXPECT_EQ(PrepareImageSet("gaussian:size=8,train=3,test=2", [](const Progress&) {}),
            "3 + 2 of 1x8x8");
}

}  // namespace
}  // namespace denoscope
