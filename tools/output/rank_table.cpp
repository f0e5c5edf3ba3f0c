#include "tools/output/rank_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "denoscope/base/error.h"

namespace denoscope {

void AddRanksFlag(CLI::App& command, std::int64_t& ranks) {
  command.add_option("--ranks",
                     ranks,
                     "with --dry-run: how long up to so many ranks, as mpirun starts, will take");
}

void CheckRanksFlag(std::int64_t ranks, bool dry_run) {
  if (ranks == 0) return;
  if (!dry_run)
    throw UsageError("--ranks: goes with --dry-run; mpirun or srun says how many there are");
  constexpr std::int64_t kMost = 100000;
  if (ranks < 1 || ranks > kMost)
    throw UsageError("--ranks: expected 1 to {}, found {}", kMost, ranks);
}

std::vector<RankPlan> PlanRanksOf(const JacobianPlan& plan, std::int64_t most) {
  RankWork rows;
  rows.start_seconds = plan.start_seconds;
  if (plan.blocks > 0) {
    const double block = (plan.seconds - plan.start_seconds) / static_cast<double>(plan.blocks);
    rows.units.assign(static_cast<std::size_t>(plan.blocks), {block, -1});
    return PlanRanksUpTo(rows, most);
  }
  std::vector<RankPlan> plans;
  for (std::int64_t ranks = 1;; ranks = std::min(2 * ranks, most)) {
    const std::int64_t block = std::max(plan.block, ranks);
    const double share =
        static_cast<double>((block + ranks - 1) / ranks) / static_cast<double>(block);
    plans.push_back(
        {ranks, plan.seconds * share, 1 / share, 1 - 1 / (share * static_cast<double>(ranks))});
    if (ranks == most) return plans;
  }
}

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
