// denoscope compare: several finished runs of analyze side by side.
#include "denoscope/studies/compare/run_comparison.h"
#include "tools/commands/commands.h"
#include "tools/output/present.h"

namespace denoscope {

void AddCompareCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand(
      "compare", "finished runs of analyze side by side: what orders emergence, data or network?");
  auto runs = std::make_shared<std::vector<std::string>>();
  auto out = std::make_shared<std::string>();
  command->add_option("runs", *runs, "run folders, two or more")->required();
  command->add_option("--out", *out, "folder to write")->required();
  AddSharedFlags(*command, flags);
  AddForceFlag(*command, flags);
  command->callback([runs, out, &flags] {
    Present(
        CompareRuns({runs->begin(), runs->end()}, RecordOfProgram(flags), TargetOf(*out, flags)),
        flags);
  });
}

}  // namespace denoscope
