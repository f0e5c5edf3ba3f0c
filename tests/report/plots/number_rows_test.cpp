#include "denoscope/report/plots/number_rows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/expect_error.h"

namespace denoscope {
namespace {

const Table& Small() {
  static const Table table = {{"method", "n", "x"},
                              {{"a", "10", "1.5"}, {"b", "10", "nan"}, {"a", "20", "-2"}}};
  return table;
}

TEST(NumberRows, AreChosenByNumberAndText) {
  const NumberRows rows(Small());
  EXPECT_EQ(rows.Count(), 3u);
  EXPECT_EQ(rows.Distinct("n"), (std::vector<double>{10, 20}));
  EXPECT_EQ(rows.Where("method", "a").Values("x"), (std::vector<double>{1.5, -2}));
  EXPECT_EQ(rows.Where("method", "a").Where("n", 20).At(0, "x"), -2);
  EXPECT_TRUE(std::isnan(rows.Where("method", "b").At(0, "x")));
  EXPECT_TRUE(rows.Where("n", 30).Empty());
}

TEST(NumberRows, ThatAreNoNumbersAreNamed) {
  ExpectError([] { NumberRows(Small()).At(0, "method"); }, {"'method'", "'a'"});
  ExpectError([] { NumberRows(Small()).At(0, "y"); }, {"y"});
}

}  // namespace
}  // namespace denoscope
