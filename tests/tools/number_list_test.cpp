#include "tools/arguments/number_list.h"

#include <gtest/gtest.h>

#include <cmath>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

TEST(NumberList, NumbersAndFractions) {
  EXPECT_EQ(ParseNumbers("0.1,0.3,1"), (std::vector<double>{0.1, 0.3, 1}));
  EXPECT_EQ(ParseNumbers("25/255,1e-2"), (std::vector<double>{25.0 / 255, 0.01}));
}

TEST(NumberList, SpacedListsKeepTheirEndsExactly) {
  const std::vector<double> log = ParseNumbers("0.02:13:log12");
  ASSERT_EQ(log.size(), 12u);
  EXPECT_EQ(log.front(), 0.02);
  EXPECT_EQ(log.back(), 13);
  constexpr double kRounding = 1e-12;  // of a power of a ratio
  for (std::size_t i = 0; i + 1 < log.size(); ++i)
    EXPECT_NEAR(log[i + 1] / log[i], std::pow(13 / 0.02, 1.0 / 11), kRounding);
  EXPECT_EQ(ParseNumbers("0:1:lin5"), (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
  EXPECT_EQ(ParseNumbers("2:8:log1"), (std::vector<double>{2}));
}

TEST(NumberList, IntegersAndRanges) {
  EXPECT_EQ(ParseIntegers("2,5-7,0"), (std::vector<std::int64_t>{2, 5, 6, 7, 0}));
}

TEST(NumberList, WhatCannotBeReadIsQuoted) {
  for (const char* bad :
       {"", "x", "0.1,,2", "1:2", "1:2:cub3", "0:1:log4", "1:2:lin0", "1/y", "1 2"})
    EXPECT_THROW(ParseNumbers(bad), UsageError) << bad;
  for (const char* bad : {"", "1.5", "7-5", "1-", "a-b"})
    EXPECT_THROW(ParseIntegers(bad), UsageError) << bad;
  try {
    ParseNumbers("0.1,oops");
    FAIL() << "expected an error";
  } catch (const UsageError& e) {
    EXPECT_STREQ(e.what(), "list '0.1,oops': expected a number, found 'oops'");
  }
}

class SlurmShard : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"SLURM_ARRAY_TASK_ID",
                             "SLURM_ARRAY_TASK_MIN",
                             "SLURM_ARRAY_TASK_COUNT",
                             "SLURM_PROCID",
                             "SLURM_NTASKS"})
      unsetenv(name);
  }
  static void Set(const char* name, const char* value) { setenv(name, value, 1); }
};

TEST_F(SlurmShard, IsTheTaskOfAnArray) {
  Set("SLURM_PROCID", "0");  // every task of an array is a step of one rank, too
  Set("SLURM_NTASKS", "1");
  Set("SLURM_ARRAY_TASK_ID", "12");
  EXPECT_THROW(ParseShard("slurm"), UsageError) << "no count";
  Set("SLURM_ARRAY_TASK_MIN", "10");
  Set("SLURM_ARRAY_TASK_COUNT", "5");
  EXPECT_EQ(ParseShard("slurm").index, 2);
  EXPECT_EQ(ParseShard("slurm").count, 5);
  Set("SLURM_ARRAY_TASK_ID", "16");  // of --array=10-18:2
  EXPECT_THROW(ParseShard("slurm"), UsageError);
}

TEST_F(SlurmShard, IsTheRankOfAStep) {
  EXPECT_THROW(ParseShard("slurm"), UsageError);
  Set("SLURM_PROCID", "3");
  Set("SLURM_NTASKS", "4");
  EXPECT_EQ(ParseShard("slurm").index, 3);
  EXPECT_EQ(ParseShard("slurm").count, 4);
  Set("SLURM_NTASKS", "many");
  EXPECT_THROW(ParseShard("slurm"), UsageError);
}

TEST(NumberList, Shards) {
  EXPECT_EQ(ParseShard("2/4").index, 2);
  EXPECT_EQ(ParseShard("2/4").count, 4);
  for (const char* bad : {"", "1", "4/4", "-1/2", "0/0", "1/2/3"})
    EXPECT_THROW(ParseShard(bad), UsageError) << bad;
}

}  // namespace
}  // namespace denoscope
