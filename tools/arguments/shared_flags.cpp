#include "tools/arguments/shared_flags.h"

namespace denoscope {

void AddSharedFlags(CLI::App& command, SharedFlags& flags) {
  command.add_option("--threads", flags.threads, "threads; 0: all processors of this process")
      ->capture_default_str();
  command.add_option("--seed", flags.seed, "seed of every random stream")->capture_default_str();
  command.add_flag("--quiet", flags.quiet, "no progress on stderr");
  command.add_flag("--json", flags.json, "one JSON document on stdout instead of text");
}

void AddForceFlag(CLI::App& command, SharedFlags& flags) {
  command.add_flag(
      "--force", flags.force, "delete what an earlier run left at --out and start again");
}

}  // namespace denoscope
