#include "tools/output/rank_table.h"

#include <fmt/format.h>

namespace denoscope {

std::string RankTable(const std::vector<RankPlan>& plans) {
  std::string text =
      fmt::format("{:>6}  {:>10}  {:>8}  {:>5}\n", "ranks", "time", "speed-up", "lost");
  for (const RankPlan& plan : plans)
    text += fmt::format("{:>6}  {:>6.3g} min  {:>7.1f}x  {:>4.0f}%\n",
                        plan.ranks,
                        plan.seconds / 60,
                        plan.speedup,
                        100 * plan.lost);
  return text;
}

Json RankRows(const std::vector<RankPlan>& plans) {
  Json rows = Json::array();
  for (const RankPlan& plan : plans)
    rows.push_back({{"ranks", plan.ranks},
                    {"seconds", plan.seconds},
                    {"speedup", plan.speedup},
                    {"lost_share", plan.lost}});
  return rows;
}

}  // namespace denoscope
