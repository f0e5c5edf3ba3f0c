// denoscope compare: several finished runs of analyze side by side.
#include <memory>

#include "denoscope/studies/compare/run_comparison.h"
#include "tools/commands/commands.h"
#include "tools/output/present.h"

namespace denoscope {

void AddCompareCommand(Command program, SharedFlags& flags) {
  Command command = program.AddCommand(
      "compare", "finished runs of analyze side by side: what orders emergence, data or network?");
  auto runs = std::make_shared<std::vector<std::string>>();
  auto out = std::make_shared<std::string>();
  command.Add("runs", *runs, "run folders, two or more").Required();
  command.Add("--out", *out, "folder to write").Required();
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([runs, out, &flags] {
    Present(
        CompareRuns({runs->begin(), runs->end()}, RecordOfProgram(flags), TargetOf(*out, flags)),
        flags);
  });
}

}  // namespace denoscope
