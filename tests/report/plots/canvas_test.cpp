#include "denoscope/report/plots/canvas.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

TEST(Canvas, WidthsHaveUnits) {
  EXPECT_EQ(FigureWidth("85mm"), 85);
  EXPECT_NEAR(FigureWidth("8.5cm"), 85, 1e-9);
  EXPECT_NEAR(FigureWidth("3.5in"), 88.9, 1e-9);
  EXPECT_NEAR(FigureWidth("252pt"), 88.9, 1e-9);
  EXPECT_EQ(FigureWidth("75mm"), 75);
  EXPECT_EQ(FigureWidth("400mm"), 400);
}

TEST(Canvas, OtherWidthsAreRefused) {
  const auto refused = [](const std::string& text, std::initializer_list<std::string> pieces) {
    EXPECT_THROW(FigureWidth(text), UsageError) << text;
    ExpectError([&] { FigureWidth(text); }, pieces);
  };
  for (const char* text : {"85", "", "mm", "85 mm", "85mmm", "85px", "-85mm ", "wide"})
    refused(text, {"expected a number with its unit, mm, cm, in or pt", std::string(text)});
  refused("74.9mm", {"expected 75 mm to 400 mm, found 74.9 mm"});
  refused("401mm", {"expected 75 mm to 400 mm, found 401 mm"});
  refused("-85mm", {"expected 75 mm to 400 mm, found -85 mm"});
  refused("nanmm", {"figure width 'nanmm'"});
  refused("infcm", {"expected 75 mm to 400 mm"});
}

TEST(Canvas, WordsSayHowSmallLettersAre) {
  const Canvas screen, paper = {"", 85};
  EXPECT_EQ(screen.ScaleWords(2000), "");
  EXPECT_EQ(paper.ScaleWords(paper.Width()), "");
  EXPECT_NE(paper.ScaleWords(2 * paper.Width()).find("4.0 pt"), std::string::npos);
}

}  // namespace
}  // namespace denoscope
