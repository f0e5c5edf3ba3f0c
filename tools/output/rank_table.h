// --dry-run --ranks N: what more ranks would bring, in rows.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "denoscope/files/json.h"
#include "denoscope/jacobian/engine.h"
#include "denoscope/runs/rank_plan.h"

namespace denoscope {

// Adds --ranks; 0 unless given.
void AddRanksFlag(CLI::App& command, std::int64_t& ranks);
// Throws UsageError for --ranks without --dry-run or below 1.
void CheckRanksFlag(std::int64_t ranks, bool dry_run);

// Up to `most` ranks that divide the blocks of rows, or the vectors of each product, of a Jacobian;
// products of more ranks than a block has vectors are of as many vectors as ranks.
std::vector<RankPlan> PlanRanksOf(const JacobianPlan& plan, std::int64_t most);

std::string RankTable(const std::vector<RankPlan>& plans);
Json RankRows(const std::vector<RankPlan>& plans);

}  // namespace denoscope
