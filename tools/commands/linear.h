// The subcommands of denoscope linear, one file each.
#pragma once

#include "tools/arguments/shared_flags.h"

namespace denoscope {

void AddLinearDiffuse(CLI::App& linear, SharedFlags& flags);
void AddLinearPca(CLI::App& linear, SharedFlags& flags);
void AddLinearSpiked(CLI::App& linear, SharedFlags& flags);

}  // namespace denoscope
