#include "tools/arguments/shared_flags.h"

namespace denoscope {

void AddSharedFlags(Command command, SharedFlags& flags) {
  command.Add("--threads", flags.threads, "threads; 0: all processors of this process")
      .ShowDefault();
  command.Add("--seed", flags.seed, "seed of every random stream").ShowDefault();
  command.Add("--quiet", flags.quiet, "no progress on stderr");
  command.Add("--json", flags.json, "one JSON document on stdout instead of text");
}

void AddForceFlag(Command command, SharedFlags& flags) {
  command.Add("--force", flags.force, "delete what an earlier run left at --out and start again");
}

}  // namespace denoscope
