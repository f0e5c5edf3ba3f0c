// The subcommands of denoscope linear, one file each.
#pragma once

#include "tools/command.h"

namespace denoscope {

void AddLinearSpiked(CLI::App& linear, SharedFlags& flags);

}  // namespace denoscope
