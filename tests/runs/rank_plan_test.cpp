#include "denoscope/runs/rank_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "denoscope/runs/unit_loop.h"

namespace denoscope {
namespace {

RankWork Even(std::size_t units, double seconds) {
  RankWork work;
  work.units.assign(units, {seconds, -1});
  return work;
}

TEST(OrderOfWork, EveryRankFindsEveryUnitOnceAndItsOwnPartFirst) {
  for (const std::size_t units : {0u, 1u, 5u, 64u})
    for (const int ranks : {1, 2, 3, 7}) {
      std::set<std::size_t> own;
      for (int rank = 0; rank < ranks; ++rank) {
        const auto order = OrderOfWork(units, rank, ranks);
        EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), units);
        EXPECT_EQ(order.size(), units);
        const auto part = static_cast<std::size_t>(rank + 1) * units / ranks -
                          static_cast<std::size_t>(rank) * units / ranks;
        for (std::size_t i = 0; i < part; ++i) EXPECT_TRUE(own.insert(order[i]).second);
      }
      EXPECT_EQ(own.size(), units) << "own parts cover everything";
    }
}

TEST(RankPlan, EvenUnitsAreDividedUntilEachRankHasOne) {
  const RankWork work = Even(64, 2);
  EXPECT_DOUBLE_EQ(PlanRanks(work, 1).seconds, 128);
  EXPECT_DOUBLE_EQ(PlanRanks(work, 2).seconds, 64);
  EXPECT_DOUBLE_EQ(PlanRanks(work, 2).lost, 0);
  EXPECT_DOUBLE_EQ(PlanRanks(work, 3).seconds, 44) << "22 units";
  EXPECT_DOUBLE_EQ(PlanRanks(work, 64).seconds, 2);
  EXPECT_DOUBLE_EQ(PlanRanks(work, 1000).seconds, 2);
  EXPECT_NEAR(PlanRanks(work, 1000).lost, 0.936, 1e-9);
}

TEST(RankPlan, OfVeryManyUnitsTheTimeIsEstimatedWithinOneOfThem) {
  EXPECT_NEAR(PlanRanks(Even(100000, 1), 1000).seconds, 100, 1);
  EXPECT_DOUBLE_EQ(PlanRanks(Even(1000, 1), 100000).seconds, 1);
}

TEST(RankPlan, WhoIsFreeTakesOver) {
  RankWork work = Even(9, 1);
  for (std::size_t i = 0; i < 4; ++i) work.units[i].seconds = 3;
  // 17 s in all; rank 0 has 12 s of its own, and rank 1 takes the last of them.
  EXPECT_DOUBLE_EQ(PlanRanks(work, 2).seconds, 9);
}

TEST(RankPlan, StartsAndLevelsAreRepeatedByEachRank) {
  RankWork work;
  for (std::int64_t level = 0; level < 4; ++level)
    for (int i = 0; i < 4; ++i) work.units.push_back({1, level});
  work.start_seconds = 10;
  work.level_seconds = 2;
  EXPECT_DOUBLE_EQ(PlanRanks(work, 1).seconds, 10 + 16 + 4 * 2);
  EXPECT_DOUBLE_EQ(PlanRanks(work, 2).seconds, 10 + 8 + 2 * 2) << "two levels each";
  EXPECT_DOUBLE_EQ(PlanRanks(work, 16).seconds, 10 + 1 + 2);
}

TEST(RankPlan, RowsEndWithTheNumberAskedFor) {
  const auto plans = PlanRanksUpTo(Even(10, 1), 6);
  ASSERT_EQ(plans.size(), 4u);
  EXPECT_EQ(plans[0].ranks, 1);
  EXPECT_EQ(plans[2].ranks, 4);
  EXPECT_EQ(plans[3].ranks, 6);
  EXPECT_EQ(PlanRanksUpTo(Even(10, 1), 1).size(), 1u);
}

}  // namespace
}  // namespace denoscope
