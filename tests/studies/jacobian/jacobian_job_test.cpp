#include "denoscope/studies/jacobian/jacobian_job.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "denoscope/files/atomic_file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

// Of the reading it had the prediction alone: a file went on with rows of another denoiser.
TEST(JacobianJobText, HoldsAllThatJDependsOn) {
  const TempDir folder;
  WriteFile(folder.Path("y"), "an image");
  WriteFile(folder.Path("z"), "another");
  const auto denoiser = TinyDenoiser(TinyDescription("blind"));
  const JacobianInput input = {*denoiser,
                               {{"name", "net"}, {"sha256", "abc"}, {"prediction", "x0"}},
                               folder.Path("y"),
                               torch::zeros({1, 12, 8}),
                               0.5};
  std::set<std::string> all = {JobText(input, 8), JobText(input, 16)};
  const auto expect_another = [&](const std::function<void(JacobianInput&)>& change) {
    JacobianInput changed = input;
    change(changed);
    const std::string text = JobText(changed, 8);
    EXPECT_TRUE(all.insert(text).second) << text;
  };
  for (const char* key : {"name", "sha256", "prediction", "clamp_input", "weights_key", "schedule"})
    expect_another([&](JacobianInput& i) { i.model[key] = "another"; });
  expect_another([&](JacobianInput& i) { i.file = folder.Path("z"); });
  expect_another([](JacobianInput& i) { i.y = i.y.to(torch::kFloat64); });
  expect_another([](JacobianInput& i) { i.sigma = 0.25; });
  EXPECT_EQ(JobText(input, 8), JobText(input, 8));
}

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
