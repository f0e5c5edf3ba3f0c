// --ranks N, which goes with --dry-run.
#pragma once

#include <cstdint>

#include "tools/arguments/command.h"

namespace denoscope {

// Adds --ranks; 0 unless given.
void AddRanksFlag(Command command, std::int64_t& ranks);
// Throws UsageError for --ranks without --dry-run or below 1.
void CheckRanksFlag(std::int64_t ranks, bool dry_run);

}  // namespace denoscope
