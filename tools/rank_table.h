// --dry-run --ranks N: what more ranks would bring, in rows.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "denoscope/analysis/rank_plan.h"
#include "denoscope/files/json.h"

namespace denoscope {

// Adds --ranks; 0 unless given.
void AddRanksFlag(CLI::App& command, std::int64_t& ranks);
// Throws UsageError for --ranks without --dry-run or below 1.
void CheckRanksFlag(std::int64_t ranks, bool dry_run);

std::string RankTable(const std::vector<RankPlan>& plans);
Json RankRows(const std::vector<RankPlan>& plans);

}  // namespace denoscope
