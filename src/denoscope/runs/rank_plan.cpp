#include "denoscope/runs/rank_plan.h"

#include <algorithm>
#include <functional>
#include <queue>

#include "denoscope/runs/unit_loop.h"

namespace denoscope {
namespace {

struct SimulatedRank {
  std::vector<std::size_t> order;
  std::size_t next = 0;
  std::int64_t level = -1;
};

// Of so many units that ranks end within one of each other.
double LargeSeconds(const RankWork& work, std::int64_t ranks) {
  double sum = 0, longest = 0;
  for (const PlannedUnit& unit : work.units) {
    sum += unit.seconds;
    longest = std::max(longest, unit.seconds);
  }
  const double even = sum / static_cast<double>(ranks);
  const bool levels = std::any_of(work.units.begin(),
                                  work.units.end(),
                                  [](const PlannedUnit& unit) { return unit.level >= 0; });
  return work.start_seconds + (levels ? work.level_seconds : 0) +
         (even < longest ? longest : even + longest / 2);
}

double WallSeconds(const RankWork& work, std::int64_t ranks) {
  constexpr std::int64_t kMostSteps = 20000000;  // of the play, each 8 bytes
  if (static_cast<std::int64_t>(work.units.size()) * ranks > kMostSteps)
    return LargeSeconds(work, ranks);
  std::vector<SimulatedRank> all(static_cast<std::size_t>(ranks));
  using Event = std::pair<double, std::size_t>;  // when a rank is free, and which
  std::priority_queue<Event, std::vector<Event>, std::greater<>> free;
  for (std::size_t r = 0; r < all.size(); ++r) {
    all[r].order = OrderOfWork(work.units.size(), static_cast<int>(r), static_cast<int>(ranks));
    free.emplace(work.start_seconds, r);
  }
  std::vector<bool> taken(work.units.size(), false);
  double last = work.start_seconds;
  while (!free.empty()) {
    auto [time, r] = free.top();
    free.pop();
    SimulatedRank& rank = all[r];
    while (rank.next < rank.order.size() && taken[rank.order[rank.next]]) ++rank.next;
    if (rank.next == rank.order.size()) continue;
    const PlannedUnit& unit = work.units[rank.order[rank.next]];
    taken[rank.order[rank.next]] = true;
    time += unit.seconds;
    if (unit.level >= 0 && unit.level != rank.level) {
      time += work.level_seconds;
      rank.level = unit.level;
    }
    last = std::max(last, time);
    free.emplace(time, r);
  }
  return last;
}

}  // namespace

RankPlan PlanRanks(const RankWork& work, std::int64_t ranks) {
  const double alone = WallSeconds(work, 1);
  RankPlan plan = {ranks, WallSeconds(work, ranks), 1, 0};
  if (plan.seconds <= 0) return plan;
  plan.speedup = alone / plan.seconds;
  plan.lost = std::max(0.0, 1 - plan.speedup / static_cast<double>(ranks));
  return plan;
}

std::vector<RankPlan> PlanRanksUpTo(const RankWork& work, std::int64_t most) {
  std::vector<RankPlan> plans;
  for (std::int64_t ranks = 1; ranks < most; ranks *= 2) plans.push_back(PlanRanks(work, ranks));
  plans.push_back(PlanRanks(work, most));
  return plans;
}

}  // namespace denoscope
