// denoscope merge: the shards of a run put together.
#include <memory>

#include "denoscope/studies/sweep/sweep_results.h"
#include "tools/commands/commands.h"
#include "tools/output/present.h"

namespace denoscope {

void AddMergeCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand("merge", "put the shards of a run together");
  auto runs = std::make_shared<std::vector<std::string>>();
  auto out = std::make_shared<std::string>();
  command->add_option("runs", *runs, "run folders of the shards")->required();
  command->add_option("--out", *out, "run folder to write")->required();
  AddSharedFlags(*command, flags);
  AddForceFlag(*command, flags);
  command->callback([runs, out, &flags] {
    RunFolder run = MergeRuns({runs->begin(), runs->end()}, TargetOf(*out, flags));
    FinishRun(run);
    Present(run, flags);
  });
}

}  // namespace denoscope
