// What more ranks would bring, in rows.
#pragma once

#include <string>
#include <vector>

#include "denoscope/files/json.h"
#include "denoscope/runs/rank_plan.h"

namespace denoscope {

std::string RankTable(const std::vector<RankPlan>& plans);
Json RankRows(const std::vector<RankPlan>& plans);

}  // namespace denoscope
