// denoscope linear: the linear theory, measured.
#include "tools/commands/linear.h"

namespace denoscope {

void AddLinearCommand(Command program, SharedFlags& flags) {
  Command linear =
      program.AddCommand("linear", "the linear theory beside simulation, with error bars");
  AddLinearDiffuse(linear, flags);
  AddLinearPca(linear, flags);
  AddLinearSpiked(linear, flags);
}

}  // namespace denoscope
