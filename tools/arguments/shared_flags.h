// The flags that every command has.
#pragma once

#include <cstdint>
#include <string>

#include "tools/arguments/command.h"

namespace denoscope {

struct SharedFlags {
  int threads = 0;  // 0: as many as the processors this process may use
  std::uint64_t seed = 0;
  bool quiet = false;
  bool json = false;
  bool force = false;
  double figure_millimetres = 0;  // 0: as wide as on a screen
  std::string command_line;
};

// Adds --threads, --seed, --quiet and --json to a command.
void AddSharedFlags(Command command, SharedFlags& flags);
void AddForceFlag(Command command, SharedFlags& flags);

}  // namespace denoscope
