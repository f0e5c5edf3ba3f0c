#include "denoscope/report/plots/plot.h"

#include <gtest/gtest.h>

#include "denoscope/report/plots/panels.h"

namespace denoscope {
namespace {

TEST(Plot, IsACommandWithALineACurve) {
  Plot plot, more;
  plot.Add("'a.csv' using 1:2 with lines", "σ_½");
  plot.Add("'a.csv' using 1:3 with points");
  more.Add("NaN", "a longer one");
  plot.Add(more);
  EXPECT_EQ(plot.Command(),
            "plot \\\n  'a.csv' using 1:2 with lines title 'σ_½', \\\n"
            "  'a.csv' using 1:3 with points, \\\n  NaN title 'a longer one'\n");
  EXPECT_EQ("plot \\\n  " + plot.Curves(), plot.Command());
}

TEST(Plot, CountsTheEntriesOfItsKeyInLettersNotBytes) {
  Plot plot;
  EXPECT_EQ(plot.KeyEntries(), 0u);
  plot.Add("NaN", "λ²");
  plot.Add("x");
  EXPECT_EQ(plot.KeyEntries(), 1u);
  EXPECT_EQ(plot.KeyLetters(), 2u);
}

TEST(Plot, AKeyOfManyEntriesMakesAFigureHigher) {
  const Canvas screen;
  const Panels panels(screen, 1, {12}), titled(screen, 1, {12, "mode k"});
  Plot few, many;
  few.Add("x", "one");
  for (int i = 0; i < 40; ++i) many.Add("x", "one of many");
  const double low = panels.Whole("few", few.Command(), few, {}).height;
  const double high = panels.Whole("many", many.Command(), many, {}).height;
  EXPECT_LT(low, high);
  EXPECT_LT(high, titled.Whole("titled", many.Command(), many, {}).height);
}

}  // namespace
}  // namespace denoscope
