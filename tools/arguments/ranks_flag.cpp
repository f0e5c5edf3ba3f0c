#include "tools/arguments/ranks_flag.h"

#include "denoscope/base/error.h"

namespace denoscope {

void AddRanksFlag(Command command, std::int64_t& ranks) {
  command.Add("--ranks",
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

}  // namespace denoscope
