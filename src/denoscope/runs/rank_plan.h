// How long ranks will take over units of known cost, divided as unit_loop.h divides them: played
// through unit by unit, with what each rank has to do besides.
#pragma once

#include <cstdint>
#include <vector>

namespace denoscope {

struct PlannedUnit {
  double seconds = 0;
  std::int64_t level = -1;  // units of one level share a preparation; -1: none
};

struct RankWork {
  std::vector<PlannedUnit> units;  // in their order
  double start_seconds = 0;        // of each rank, before its first unit
  double level_seconds = 0;        // of a rank that comes to another level than its last
};

struct RankPlan {
  std::int64_t ranks = 1;
  double seconds = 0;  // until the last unit is done
  double speedup = 1;  // over one rank
  double lost = 0;     // 1 - speedup / ranks: time spent waiting, or on what one rank does once
};

RankPlan PlanRanks(const RankWork& work, std::int64_t ranks);
// 1, 2, 4, .. and `most` itself.
std::vector<RankPlan> PlanRanksUpTo(const RankWork& work, std::int64_t most);

}  // namespace denoscope
