#include "denoscope/studies/jacobian/jacobian_job.h"

#include <gtest/gtest.h>

namespace denoscope {
namespace {

// Products of more ranks than a block has vectors are of as many vectors as ranks.
TEST(JacobianRanks, DivideTheVectorsOfAProduct) {
  JacobianPlan plan;
  plan.seconds = 16;
  plan.block = 8;
  const std::vector<RankPlan> plans = PlanRanksOf(plan, 16);
  ASSERT_EQ(plans.size(), 5u);  // 1, 2, 4, 8, 16
  for (const RankPlan& p : plans) {
    EXPECT_DOUBLE_EQ(p.seconds, 16.0 / static_cast<double>(p.ranks));
    EXPECT_DOUBLE_EQ(p.lost, 0);
  }
  // Three ranks on eight vectors: the slowest has three of them.
  const std::vector<RankPlan> three = PlanRanksOf(plan, 3);
  EXPECT_EQ(three.back().ranks, 3);
  EXPECT_DOUBLE_EQ(three.back().seconds, 6);
  EXPECT_NEAR(three.back().lost, 1.0 / 9, 1e-12);
}

TEST(JacobianRanks, DivideBlocksOfRowsAfterTheStart) {
  JacobianPlan plan;
  plan.seconds = 9;
  plan.start_seconds = 1;
  plan.blocks = 4;
  const std::vector<RankPlan> plans = PlanRanksOf(plan, 2);
  ASSERT_EQ(plans.size(), 2u);
  EXPECT_NEAR(plans[0].seconds, 9, 1e-9);
  EXPECT_NEAR(plans[1].seconds, 5, 1e-9);
}

}  // namespace
}  // namespace denoscope
