// denoscope linear: the linear theory, measured.
#include "tools/commands/linear.h"

namespace denoscope {

void AddLinearCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* linear =
      program.add_subcommand("linear", "the linear theory beside simulation, with error bars");
  linear->require_subcommand(1);
  AddLinearDiffuse(*linear, flags);
  AddLinearPca(*linear, flags);
  AddLinearSpiked(*linear, flags);
}

}  // namespace denoscope
