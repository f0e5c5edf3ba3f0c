// The subcommands of denoscope linear, one file each.
#pragma once

#include "tools/arguments/shared_flags.h"

namespace denoscope {

void AddLinearDiffuse(Command linear, SharedFlags& flags);
void AddLinearPca(Command linear, SharedFlags& flags);
void AddLinearSpiked(Command linear, SharedFlags& flags);

}  // namespace denoscope
